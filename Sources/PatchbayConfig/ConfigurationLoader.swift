/// A YAML file to checked values, or to everything that is wrong with it at once.
package enum ConfigurationLoader {
    /// Reads and checks the file at `path`; blocks on the disk, so it belongs to start-up, not to an event loop.
    package static func load(
        path: String, environment: ConfigurationEnvironment = .process, options: LoaderOptions = LoaderOptions()
    ) -> ConfigurationOutcome {
        do throws(SystemAccess.ReadError) {
            let bytes = try SystemAccess.read(path, limit: YAMLLimits.bytes)
            return load(bytes: bytes, file: path, environment: environment, options: options)
        } catch {
            var sink = DiagnosticSink()
            sink.error(SourceMark(file: path, line: 1, column: 1), words(for: error))
            return .refused(sink.sorted)
        }
    }

    /// The same for bytes that are at hand; `file` names them in diagnostics, and its folder is what a relative
    /// `plugin_path` is joined to.
    package static func load(
        bytes: [UInt8], file: String, environment: ConfigurationEnvironment, options: LoaderOptions = LoaderOptions()
    ) -> ConfigurationOutcome {
        var sink = DiagnosticSink()
        let configuration = read(bytes, file, environment, options, &sink)
        guard let configuration, !sink.hasErrors else { return .refused(sink.sorted) }
        return .loaded(configuration, warnings: sink.sorted)
    }

    private static func read(
        _ bytes: [UInt8], _ file: String, _ environment: ConfigurationEnvironment, _ options: LoaderOptions,
        _ sink: inout DiagnosticSink
    ) -> Configuration? {
        let start = SourceMark(file: file, line: 1, column: 1)
        guard bytes.count <= YAMLLimits.bytes else {
            sink.error(start, words(for: .tooLarge))
            return nil
        }
        if let offset = firstInvalidByte(of: bytes) {
            let place = TextPosition(ofByte: offset, in: bytes)
            let byte = String(bytes[offset], radix: 16, uppercase: true)
            sink.error(
                SourceMark(file: file, line: place.line, column: place.column),
                "the file is not UTF-8 text: byte 0x\(byte.count == 1 ? "0" : "")\(byte)")
            return nil
        }
        // A byte order mark is no part of the text; libyaml takes it for one.
        let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        let text = hasMark ? Array(bytes.dropFirst(3)) : bytes
        let root = YAMLTreeBuilder.build(text, file: file, environment: environment, &sink)
        guard let root, !root.isNull else {
            if !sink.hasErrors { sink.error(start, "the file holds no settings") }
            return nil
        }
        guard var configuration = Configuration.schema.read(root, "", &sink) else { return nil }
        configuration.file = file
        ConfigurationCheck(root: root, options: options).run(&configuration, &sink)
        return configuration
    }

    private static func firstInvalidByte(of bytes: [UInt8]) -> Int? {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.span)
            return nil
        } catch {
            return min(error.byteOffsets.lowerBound, bytes.count - 1)
        }
    }

    private static func words(for error: SystemAccess.ReadError) -> String {
        switch error {
        case .refused(let reason): "the file can't be read: \(reason)"
        case .isDirectory: "the path is a folder, not a file"
        case .tooLarge: "the file has more than \(YAMLLimits.bytes) bytes"
        }
    }
}
