/* theme.c - see theme.h. */
#include "ui/theme.h"

#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "config/suggest.h"

#include <stdlib.h>
#include <string.h>

/* A theme may inherit from one that inherits; a circle ends here. */
#define INHERIT_DEPTH 8

static const char *const SLOT_NAMES[] = {
#define SLOT(symbol, name) name,
#include "ui/slot.def"
#undef SLOT
};

/* The first sixteen in the order of the terminals; "grey" is what every terminal calls bright black. */
static const char *const COLOR_NAMES[] = {
    "black",        "red",           "green",       "yellow",         "blue",
    "magenta",      "cyan",          "white",       "grey",           "bright-red",
    "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan",
    "bright-white"};

static const struct {
    const char *name;
    ThemeAttribute attribute;
} ATTRIBUTES[] = {{"bold", THEME_BOLD},
                  {"dim", THEME_DIM},
                  {"italic", THEME_ITALIC},
                  {"underline", THEME_UNDERLINE},
                  {"reverse", THEME_REVERSE}};

void theme_init(Theme *theme)
{
    for (int i = 0; i < THEME_SLOTS; i++)
        theme->slots[i] = (ThemeStyle){THEME_DEFAULT, THEME_DEFAULT, 0};
}

int theme_slot(const char *name)
{
    for (int i = 0; i < THEME_SLOTS; i++)
        if (g_str_equal(name, SLOT_NAMES[i]))
            return i;
    return -1;
}

static gboolean parse_color(const char *word, int *color_out)
{
    char *end;

    if (g_str_equal(word, "default") || g_str_equal(word, "-")) {
        *color_out = THEME_DEFAULT;
        return TRUE;
    }
    for (guint i = 0; i < G_N_ELEMENTS(COLOR_NAMES); i++) {
        if (g_str_equal(word, COLOR_NAMES[i])) {
            *color_out = (int)i;
            return TRUE;
        }
    }
    if (word[0] == '#' && strlen(word) == 7 && strspn(word + 1, "0123456789abcdefABCDEF") == 6) {
        *color_out = THEME_RGB | (int)strtol(word + 1, NULL, 16);
        return TRUE;
    }
    long number = strtol(word, &end, 10);
    if (!g_ascii_isdigit(word[0]) || *end || number > 255)
        return FALSE;
    *color_out = (int)number;
    return TRUE;
}

static gboolean parse_attribute(const char *word, unsigned *attributes)
{
    for (guint i = 0; i < G_N_ELEMENTS(ATTRIBUTES); i++) {
        if (g_str_equal(word, ATTRIBUTES[i].name)) {
            *attributes |= ATTRIBUTES[i].attribute;
            return TRUE;
        }
    }
    return FALSE;
}

/* "foreground background attributes": the first two words that are colours are those. */
static gboolean parse_style(const char *value, ThemeStyle *style, char **wrong_out)
{
    g_auto(GStrv) words = g_strsplit_set(value, " \t", -1);
    ThemeStyle parsed = {THEME_DEFAULT, THEME_DEFAULT, 0};
    int n_colors = 0;

    for (char **word = words; *word; word++) {
        if (!**word || parse_attribute(*word, &parsed.attributes))
            continue;
        if (n_colors == 2 || parsed.attributes ||
            !parse_color(*word, n_colors ? &parsed.background : &parsed.foreground)) {
            *wrong_out = g_strdup(*word);
            return FALSE;
        }
        n_colors++;
    }
    *style = parsed;
    return TRUE;
}

/* One file on its way into a theme. */
typedef struct {
    Theme *theme;
    const char *const *folders;
    ConfigProblems *problems; /* NULL: nobody asks */
    const char *path;         /* for those */
    int line;                 /* where it is */
    int depth;                /* of inheriting */
    int said[THEME_SLOTS];    /* in which line; 0: not yet */
} Reading;

#define mistake(reading, ...)                                                                                \
    do {                                                                                                     \
        if ((reading)->problems)                                                                             \
            config_problem_add_in((reading)->problems, (reading)->path, (reading)->line, __VA_ARGS__);       \
    } while (0)

static gboolean load(const Reading *from, const char *name);

static void read_slot(Reading *reading, const char *name, const char *value)
{
    g_autofree char *wrong = NULL;
    int slot = theme_slot(name);

    if (slot < 0) {
        const char *known[THEME_SLOTS + 1] = {NULL};
        memcpy(known, SLOT_NAMES, sizeof SLOT_NAMES);
        const char *near = suggest_nearest(name, known);
        if (near)
            mistake(reading, _("there is no slot “%s”; did you mean %s?"), name, near);
        else
            mistake(reading, _("there is no slot “%s”; the themes that come with tern have them all"), name);
        return;
    }
    if (reading->said[slot])
        mistake(reading, _("“%s” stands here a second time (first in line %d); keep one of them"), name,
                reading->said[slot]);
    else if (!parse_style(value, &reading->theme->slots[slot], &wrong))
        mistake(reading,
                _("%s: “%s” is not right here; up to two colours (a name, 0 to 255, #rrggbb, default), then "
                  "attributes (bold, dim, italic, underline, reverse)"),
                name, wrong);
    reading->said[slot] = reading->line;
}

static void read_line(Reading *reading, char *line)
{
    char *equals = strchr(line, '=');

    if (!*line || *line == '#' || *line == '[')
        return;
    if (!equals) {
        mistake(reading, "%s", _("this line is no comment and no “slot = foreground background attributes”"));
        return;
    }
    *equals = '\0';
    const char *key = g_strstrip(line), *value = g_strstrip(equals + 1);
    if (g_str_equal(key, "inherit"))
        load(reading, value);
    else
        read_slot(reading, key, value);
}

static void read_text(Reading *reading, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (int i = 0; lines[i]; i++) {
        reading->line = i + 1;
        if (g_utf8_validate(lines[i], -1, NULL))
            read_line(reading, g_strstrip(lines[i]));
        else
            mistake(reading, "%s", _("this line is not valid UTF-8; save the file in that encoding"));
    }
}

/* ---- which file ---- */

static Reading inherited(const Reading *from, const char *path)
{
    return (Reading){from->theme, from->folders, from->problems, path, 0, from->depth + 1, {0}};
}

static gboolean load_file(const Reading *from, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = file_read(path, LIMIT_CONFIG_BYTES, NULL, &error);
    Reading reading = inherited(from, path);

    if (text)
        read_text(&reading, text);
    else
        mistake(from, _("the theme cannot be read: %s"), error->message);
    return text != NULL;
}

static gboolean load_path(const Reading *from, const char *name)
{
    const char *folder = from->folders ? from->folders[0] : NULL;
    g_autofree char *path = g_str_has_prefix(name, "~/") ? g_build_filename(g_get_home_dir(), name + 2, NULL)
                                                         : g_canonicalize_filename(name, folder);

    return load_file(from, path);
}

static void no_such_theme(const Reading *from, const char *name)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new();

    for (const ThemeBuiltin *builtin = THEME_BUILTINS; builtin->name; builtin++)
        g_ptr_array_add(known, (char *)builtin->name);
    g_ptr_array_add(known, NULL);
    const char *near = suggest_nearest(name, (const char *const *)known->pdata);
    if (near)
        mistake(from, _("there is no theme “%s”; did you mean %s?"), name, near);
    else
        mistake(from,
                _("there is no theme “%s”; there are dark and light, and yours in themes/NAME.theme "
                  "beside tern.conf"),
                name);
}

static gboolean load(const Reading *from, const char *name)
{
    if (from->depth > INHERIT_DEPTH) {
        mistake(from, _("the theme “%s” inherits from itself"), name);
        return FALSE;
    }
    if (strchr(name, '/'))
        return load_path(from, name);
    for (const char *const *folder = from->folders; folder && *folder; folder++) {
        g_autofree char *path = g_strdup_printf("%s/%s.theme", *folder, name);
        if (g_file_test(path, G_FILE_TEST_EXISTS))
            return load_file(from, path);
    }
    for (const ThemeBuiltin *builtin = THEME_BUILTINS; builtin->name; builtin++) {
        if (!g_str_equal(builtin->name, name))
            continue;
        Reading reading = inherited(from, name);
        read_text(&reading, builtin->text);
        return TRUE;
    }
    no_such_theme(from, name);
    return FALSE;
}

gboolean theme_load(Theme *theme, const char *name, const char *const *folders, ConfigProblems *problems,
                    int line)
{
    Reading from = {theme, folders, problems, problems ? problems->file : NULL, line, 0, {0}};

    theme_init(theme);
    return load(&from, name);
}

void theme_parse(Theme *theme, const char *text, const char *const *folders, ConfigProblems *problems)
{
    Reading reading = {theme, folders, problems, problems->file, 0, 0, {0}};

    theme_init(theme);
    read_text(&reading, text);
}

/* ---- what a terminal can do ---- */

/* The sixteen as xterm has them; others differ, but keep the order of light and hue. */
static const int PALETTE_16[] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd,
                                 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00,
                                 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff};

static int cube_level(int n)
{
    return n ? 55 + 40 * n : 0;
}

static int to_rgb(int color)
{
    if (color & THEME_RGB)
        return color & 0xffffff;
    if (color < 16)
        return PALETTE_16[color];
    if (color >= 232)
        return (8 + 10 * (color - 232)) * 0x10101;
    color -= 16;
    return cube_level(color / 36) << 16 | cube_level(color / 6 % 6) << 8 | cube_level(color % 6);
}

/* Weighted by what the eye sees: green most, blue least. */
static int distance(int a, int b)
{
    int red = (a >> 16) - (b >> 16), green = (a >> 8 & 255) - (b >> 8 & 255), blue = (a & 255) - (b & 255);

    return 3 * red * red + 6 * green * green + blue * blue;
}

static int nearest(int rgb, int from, int to)
{
    int best = from;

    for (int i = from; i < to; i++)
        if (distance(rgb, to_rgb(i)) < distance(rgb, to_rgb(best)))
            best = i;
    return best;
}

static gboolean is_grey(int color)
{
    int rgb = to_rgb(color), red = rgb >> 16, green = rgb >> 8 & 255, blue = rgb & 255;

    return ABS(red - green) < 24 && ABS(green - blue) < 24;
}

/* How far two colours' hues are apart, whatever their light. */
static double hue_distance(int a, int b)
{
    double sum = 0;
    int channels[2][3] = {{a >> 16, a >> 8 & 255, a & 255}, {b >> 16, b >> 8 & 255, b & 255}};
    int low[2], range[2];

    for (int i = 0; i < 2; i++) {
        low[i] = MIN(channels[i][0], MIN(channels[i][1], channels[i][2]));
        range[i] = MAX(MAX(channels[i][0], MAX(channels[i][1], channels[i][2])) - low[i], 1);
    }
    for (int c = 0; c < 3; c++) {
        double difference =
            (double)(channels[0][c] - low[0]) / range[0] - (double)(channels[1][c] - low[1]) / range[1];
        sum += difference * difference;
    }
    return sum;
}

/* Of eight or sixteen: a grey by its light, a colour by its hue, since its nearest neighbour may be a
 * grey. */
static int map_to_few(int rgb, int colors)
{
    int light = MAX(rgb >> 16, MAX(rgb >> 8 & 255, rgb & 255)), best = 1;

    if (is_grey(THEME_RGB | rgb)) {
        if (colors >= 16 && light >= 0x40 && light < 0x90)
            return 8;
        return light < 0x70 ? 0 : 7;
    }
    for (int i = 2; i < 7; i++) {
        double better = hue_distance(rgb, PALETTE_16[best]) - hue_distance(rgb, PALETTE_16[i]);
        if (better > 0.01 ||
            (better > -0.01 && distance(rgb, PALETTE_16[i]) < distance(rgb, PALETTE_16[best])))
            best = i;
    }
    return colors >= 16 && light >= 0xe8 ? best + 8 : best;
}

static int map_color(int color, int colors)
{
    if (color == THEME_DEFAULT)
        return THEME_DEFAULT;
    if (colors == THEME_DIRECT)
        return color < 8 ? color : to_rgb(color);
    if (colors >= 256)
        return color & THEME_RGB ? nearest(to_rgb(color), 16, 256) : color;
    if (color < colors)
        return color;
    /* With eight, a bright colour is its plain one. */
    return color < 16 ? color - 8 : map_to_few(to_rgb(color), colors);
}

/* A grey on the terminal's own background becomes dim text: black or white might be that background. */
static gboolean is_only_dim(ThemeStyle style, int colors)
{
    if (style.foreground == THEME_DEFAULT || style.background != THEME_DEFAULT || !is_grey(style.foreground))
        return FALSE;
    return colors == 0 || (colors < 16 && style.foreground >= 8) || (colors < 256 && style.foreground >= 16);
}

ThemeStyle theme_map(ThemeStyle style, int colors)
{
    ThemeStyle mapped = {THEME_DEFAULT, THEME_DEFAULT, style.attributes};

    if (is_only_dim(style, colors)) {
        int light = to_rgb(style.foreground) & 255;
        if (light > 0x60 && light < 0xb8 && !(style.attributes & THEME_BOLD))
            mapped.attributes |= THEME_DIM;
        return mapped;
    }
    if (colors < 8)
        return mapped;
    mapped.foreground = map_color(style.foreground, colors);
    mapped.background = map_color(style.background, colors);
    if (mapped.foreground == mapped.background && mapped.foreground != THEME_DEFAULT)
        mapped.foreground =
            distance(to_rgb(style.background), 0) < distance(to_rgb(style.background), 0xffffff) ? 7 : 0;
    return mapped;
}
