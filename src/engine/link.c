/* link.c - see link.h. */
#include "engine/link.h"
#include "base/error.h"

gboolean link_survives(const GError *error)
{
    return tern_error_is(error, TERN_ERROR_REFUSED) || tern_error_is(error, TERN_ERROR_STORE) ||
           tern_error_is(error, TERN_ERROR_INPUT);
}
