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
