/* fuzz-ui-keys.c - any bytes as [keys], as keys, and as a theme: keys read back as they are written, mistakes
 * are safe text, and a theme has only colours that there are. */
#include "ui/configured.h"
#include "ui/keymap.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_keys(const char *text)
{
    Key keys[KEYS_MAX], again[KEYS_MAX];
    g_autofree char *why = NULL;
    const guint n = keys_parse(text, keys, &why);

    if ((n == 0) != (why != NULL) || n > KEYS_MAX)
        abort();
    g_autofree char *written = keys_format(keys, n);
    if (n && (keys_parse(written, again, NULL) != n || memcmp(keys, again, n * sizeof(Key)) != 0))
        abort();
}

static void check_problems(const ConfigProblems *problems)
{
    for (guint i = 0; i < problems->list->len; i++) {
        const char *text = ((const ConfigProblem *)problems->list->pdata[i])->text;
        if (!g_utf8_validate(text, -1, NULL))
            abort();
        for (; *text; text++)
            if ((guchar)*text < 0x20 || *text == 0x7f)
                abort();
    }
}

static void check_color(int color)
{
    if (color != THEME_DEFAULT && (color < 0 || (color > 255 && !(color & THEME_RGB))))
        abort();
}

static void check_theme(const char *text, ConfigProblems *problems)
{
    Theme theme;

    theme_parse(&theme, text, NULL, problems);
    for (int i = 0; i < THEME_SLOTS; i++) {
        check_color(theme.slots[i].foreground);
        check_color(theme.slots[i].background);
    }
}

static void check_bindings(const char *text, ConfigProblems *problems)
{
    g_autofree char *section = g_strconcat("[keys]\n", text, NULL);
    g_autoptr(Config) config = config_parse(section, strlen(section), "tern.conf", 0);
    g_autoptr(Keymap) keymap = keymap_new();

    keymap_configure(keymap, config, problems);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    ConfigProblems problems;

    if (strchr(text, '/')) /* a theme may name a file, which is not to be opened here */
        return 0;
    config_problems_init(&problems, "tern.conf");
    if (g_utf8_validate(text, -1, NULL))
        check_keys(text);
    check_bindings(text, &problems);
    check_theme(text, &problems);
    check_problems(&problems);
    config_problems_clear(&problems);
    return 0;
}
