/* imap-talk.c - see talk.h. */
#include "tests/lib/talk.h"
#include "tests/unit/imap-calls.h"

int main(int argc, char **argv)
{
    return talk_main(argc, argv, &IMAP_CLIENT);
}
