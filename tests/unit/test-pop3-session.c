/* POP3 sessions against scripted servers (the files in pop3/): see script-play.h. */
#include "tests/unit/pop3-calls.h"

int main(void)
{
    return script_play_folder("pop3", &POP3_CLIENT);
}
