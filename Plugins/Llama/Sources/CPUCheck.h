#pragma once

namespace patchbay::llama {

// The first instruction set that the engine was built for and this CPU lacks, or null. (The engine is compiled for the
// CPU of the machine that built it; on a lesser one it would die of an illegal instruction.)
const char *missing_cpu_feature();

} // namespace patchbay::llama
