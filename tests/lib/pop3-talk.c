/* pop3-talk.c - see talk.h. */
#include "tests/lib/talk.h"
#include "tests/unit/pop3-calls.h"

int main(int argc, char **argv)
{
    return talk_main(argc, argv, &POP3_CLIENT);
}
