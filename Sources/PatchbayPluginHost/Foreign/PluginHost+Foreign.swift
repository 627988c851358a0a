package import PatchbayLifecycle

/// C functions in the places of plugins. Each has threads of its own, so that one that hangs holds up nobody else.
extension PluginHost {
    /// A function as a tool. Loads its library into this process, for good.
    ///
    /// - Parameter threads: how many calls may run at a time; 1 for a library that can't be entered twice.
    package func foreignTool(
        _ signature: ForeignSignature, threads: Int = ForeignFunction.defaultThreads
    ) throws(ForeignError) -> ForeignTool {
        ForeignTool(try ForeignFunction(signature), threads: Self.threads(signature, threads))
    }

    /// A function as a hook that is given each text of a point's document: messages' and tools' outputs.
    ///
    /// - Parameter points: of `request`, `history_loaded` and `tool_result`.
    package func foreignHook(
        named name: String, points: [HookPoint], _ signature: ForeignSignature,
        threads: Int = ForeignFunction.defaultThreads
    ) throws(ForeignError) -> any Hook {
        if let point = points.first(where: { !ForeignHook.points.contains($0) }) {
            throw ForeignError("points", "can't have \(point.name): a C function sees the points \(Self.pointNames)")
        }
        return try ForeignHook(
            name, points: points, ForeignFunction(signature), threads: Self.threads(signature, threads))
    }

    private static var pointNames: String {
        ForeignHook.points.map(\.name).joined(separator: ", ")
    }

    private static func threads(_ signature: ForeignSignature, _ count: Int) -> WorkerThreads {
        WorkerThreads(name: "ffi-\(signature.symbol)", maxThreads: count)
    }
}
