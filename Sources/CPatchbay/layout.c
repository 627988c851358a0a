/* The layout of major 1, frozen: a size or an offset that changes is a broken promise, and doesn't compile. */
#include "patchbay.h"
#include <stddef.h>

#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), "the size of " #type " is frozen")
#define AT(type, field, offset) _Static_assert(offsetof(type, field) == (offset), #type "." #field " is frozen")

#if UINTPTR_MAX == UINT64_MAX

SIZE(pbay_text, 16);
AT(pbay_text, data, 0);
AT(pbay_text, size, 8);
SIZE(pbay_header, 32);
AT(pbay_header, value, 16);

#endif
