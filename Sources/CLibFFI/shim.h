/* The system's libffi; PatchbayPluginHost's Foreign folder is its one user. */
#include <ffi.h>

/* libffi's description of a number. They are variables there, which Swift takes for shared mutable state. */
static inline ffi_type *patchbay_ffi_number(int bytes, int is_signed, int is_float) {
    if (is_float) return bytes == 4 ? &ffi_type_float : &ffi_type_double;
    switch (bytes) {
    case 1: return is_signed ? &ffi_type_sint8 : &ffi_type_uint8;
    case 2: return is_signed ? &ffi_type_sint16 : &ffi_type_uint16;
    case 4: return is_signed ? &ffi_type_sint32 : &ffi_type_uint32;
    default: return is_signed ? &ffi_type_sint64 : &ffi_type_uint64;
    }
}

static inline ffi_type *patchbay_ffi_pointer(void) { return &ffi_type_pointer; }
static inline ffi_type *patchbay_ffi_void(void) { return &ffi_type_void; }

/* What the C library hides without _GNU_SOURCE, which the module that Swift reads it by does not define. */
struct patchbay_dl_info { const char *file; void *base; const char *name; void *address; };
int patchbay_dladdr1(const void *address, struct patchbay_dl_info *info, void **entry, int flags) __asm__("dladdr1");
enum { PATCHBAY_DL_SYMENT = 1 };
