#include "base/system_error.h"

#include <errno.h>
#include <stddef.h>

static const struct {
    int code;
    const char *words;
} reasons[] = {
    {EACCES, "permission denied"},
    {EBADF, "is closed"},
    {EBUSY, "in use by the system"},
    {EINVAL, "the system cannot read it"},
    {EIO, "input/output error"},
    {EISDIR, "is a folder"},
    {ELOOP, "is a link that leads to itself"},
    {EMFILE, "too many open files in this process"},
    {ENAMETOOLONG, "the name is too long"},
    {ENFILE, "too many open files in the system"},
    {ENODEV, "no such device"},
    {ENOENT, "no such file or folder"},
    {ENOMEM, "the system has no memory"},
    {ENOTDIR, "not a folder"},
    {ENXIO, "no such device"},
    {EOVERFLOW, "too large for this build"},
    {EPERM, "operation not permitted"},
    {ESTALE, "gone from the file server"},
    {ETIMEDOUT, "the file server does not answer"},
};

const char *ct_system_error(int code)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].code == code)
            return reasons[i].words;
    return "cannot be read";
}
