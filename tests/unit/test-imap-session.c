/* IMAP sessions against scripted servers (the files in imap/): see script-play.h. */
#include "tests/unit/imap-calls.h"

int main(void)
{
    return script_play_folder("imap", &IMAP_CLIENT);
}
