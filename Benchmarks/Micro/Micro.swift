/// What no load from outside can show by itself: single steps of the host, in nanoseconds. Started by Benchmarks/run;
/// prints one line a round, a name and its figure.
///
///     patchbay-micro events PROVIDER.so EVENTS ROUNDS
///     patchbay-micro hooks HOOK.so VISITS ROUNDS
///     patchbay-micro parse ROUNDS
///     patchbay-micro markup ROUNDS
///     patchbay-micro ffi ROUNDS
///     patchbay-micro request          prints the request that `parse` reads
@main
struct Micro {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        switch (arguments.first, arguments.dropFirst().map { $0 }) {
        case ("events", let values) where values.count == 3:
            try await EventBenchmark(library: values[0], events: Int(values[1]) ?? 0).run(rounds: Int(values[2]) ?? 0)
        case ("hooks", let values) where values.count == 3:
            try await HookBenchmark(library: values[0], visits: Int(values[1]) ?? 0).run(rounds: Int(values[2]) ?? 0)
        case ("parse", let values) where values.count == 1:
            ParseBenchmark().run(rounds: Int(values[0]) ?? 0)
        case ("markup", let values) where values.count == 1:
            MarkupBenchmark().run(rounds: Int(values[0]) ?? 0)
        case ("ffi", let values) where values.count == 1:
            try ForeignBenchmark().run(rounds: Int(values[0]) ?? 0)
        case ("request", _):
            print(String(decoding: ParseBenchmark.request, as: UTF8.self), terminator: "")
        default:
            print(
                "usage: patchbay-micro events PROVIDER.so EVENTS ROUNDS | hooks HOOK.so VISITS ROUNDS"
                    + " | parse ROUNDS | markup ROUNDS | ffi ROUNDS | request")
        }
    }
}
