// Compiled with the same -march=native as the engine: the compiler's macros say what that meant on this machine.
#include "CPUCheck.h"

namespace patchbay::llama {

const char *missing_cpu_feature() {
#if defined(__x86_64__)
    __builtin_cpu_init();
#define NEEDS(feature) \
    if (!__builtin_cpu_supports(feature)) return feature
#ifdef __SSE4_2__
    NEEDS("sse4.2");
#endif
#ifdef __AVX__
    NEEDS("avx");
#endif
#ifdef __AVX2__
    NEEDS("avx2");
#endif
#ifdef __FMA__
    NEEDS("fma");
#endif
#ifdef __BMI2__
    NEEDS("bmi2");
#endif
#ifdef __AVX512F__
    NEEDS("avx512f");
#endif
#ifdef __AVX512BW__
    NEEDS("avx512bw");
#endif
#ifdef __AVX512VBMI__
    NEEDS("avx512vbmi");
#endif
#ifdef __AVX512VNNI__
    NEEDS("avx512vnni");
#endif
#undef NEEDS
#endif
    return nullptr;
}

} // namespace patchbay::llama
