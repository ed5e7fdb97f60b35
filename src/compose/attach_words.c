/* attach_words.c - see attach_words.h. */
#include "compose/attach_words.h"

#include "base/i18n.h"

#include <string.h>

/* Whole words, in lower case, that are no everyday words of another language here. */
static const char *const WORDS[] = {
    /* German */
    "anbei", "anhang", "anhängen", "angehängt", "angehängte", "angehängten", "beigefügt", "beigefügte",
    "beigefügten",
    /* French */
    "ci-joint", "ci-jointe", "ci-joints", "ci-jointes", "pièce jointe", "pièces jointes", "fichier joint",
    "fichiers joints",
    /* Spanish */
    "adjunto", "adjunta", "adjuntos", "adjuntas", "adjuntar",
    /* Italian */
    "allegato", "allegata", "allegati",
    /* Portuguese */
    "anexo", "anexa", "anexos", "anexas", "anexado", "anexada",
    /* Dutch */
    "bijlage", "bijlagen", "bijgevoegd", "bijgevoegde", "bijgesloten",
    /* Polish */
    "załącznik", "załączniku", "załączniki", "załącznikach", "załączam", "załączeniu",
    /* Russian */
    "вложение", "вложении", "вложения", "вложениях", "прилагаю", "прилагается", "прикрепляю", "прикреплён",
    "прикреплен"};

/* Not as a part of a longer one: a trailer is an "anhänger". */
static gboolean has_word(const char *text, const char *word)
{
    for (const char *at = text; (at = strstr(at, word)); at++) {
        const char *end = at + strlen(word);
        if ((at == text || !g_unichar_isalpha(g_utf8_get_char(g_utf8_prev_char(at)))) &&
            !g_unichar_isalpha(g_utf8_get_char(end)))
            return TRUE;
    }
    return FALSE;
}

gboolean attach_words_are_in(const char *text)
{
    g_autofree char *composed = g_utf8_normalize(text, -1, G_NORMALIZE_NFC);
    g_autofree char *folded = g_utf8_casefold(composed ? composed : text, -1);
    /* Translators: words parted by "|" that a text with an attachment would hold, in lower case. */
    g_auto(GStrv) own = g_strsplit(_("attached|attachment|enclosed"), "|", -1);

    for (int i = 0; own[i]; i++)
        if (*own[i] && strstr(folded, own[i]))
            return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(WORDS); i++)
        if (has_word(folded, WORDS[i]))
            return TRUE;
    return FALSE;
}
