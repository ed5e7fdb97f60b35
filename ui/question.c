/* question.c - yes or no, on the bottom line and as many above it as the sentence needs. */
#include "base/i18n.h"
#include "ui/prompt.h"
#include "ui/screen.h"
#include "ui/ui.h"
#include "ui/wrapped.h"

typedef struct {
    Modal modal;
    char *sentence;
    void (*yes)(Ui *ui, void *data);
    void *data;
    GDestroyNotify free_data;
    gboolean is_yes;
} Question;

static gboolean is_letter(Key key, const char *letter)
{
    gunichar character;

    return key_is_text(key, &character) && g_unichar_tolower(character) == g_utf8_get_char(letter);
}

static gboolean question_key(Modal *modal, Key key)
{
    Question *question = (Question *)modal;

    question->is_yes = is_letter(key, _("y"));
    return !question->is_yes && !is_letter(key, _("n")) && key != KEY_ESCAPE_CHAR &&
           key != KEY_CONTROL('c') && key != KEY_CONTROL('g') && key != 'q';
}

static void question_finish(Modal *modal)
{
    Question *question = (Question *)modal;

    if (question->is_yes)
        question->yes(modal->ui, question->data);
}

static void question_draw(Modal *modal, const Layout *layout)
{
    const Question *question = (Question *)modal;
    int columns = screen_columns(), bottom = layout->bottom.rows ? layout->bottom.row : screen_rows() - 1;
    int end = wrapped_draw(bottom, bottom + 1, columns, SLOT_PROMPT, question->sentence);

    screen_cursor(bottom, MIN(end + 1, columns - 1));
}

static void question_free(Modal *modal)
{
    Question *question = (Question *)modal;

    if (question->free_data)
        question->free_data(question->data);
    g_free(question->sentence);
    g_free(question);
}

static const ModalOps QUESTION_OPS = {question_key, NULL, question_finish, question_draw, question_free};

void question_open(Ui *ui, const char *sentence, void (*yes)(Ui *ui, void *data), void *data,
                   GDestroyNotify free_data)
{
    Question *question = g_new0(Question, 1);

    question->modal = (Modal){&QUESTION_OPS, ui};
    question->sentence = g_strdup_printf(_("%s (y/n)"), sentence);
    question->yes = yes;
    question->data = data;
    question->free_data = free_data;
    ui_open_modal(ui, &question->modal);
}
