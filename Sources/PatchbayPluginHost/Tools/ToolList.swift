import CPatchbay
import PatchbayJSON
import PatchbaySchema

/// What a plugin says of its tools: asked once, after its start.
struct ToolList: Sendable {
    private static let maxTools = 512
    private static let maxName = 64
    private static let maxDescription = 64 << 10
    private static let maxParameters = 1 << 20
    /// Of a tool without arguments.
    private static let none = #"{"type":"object","properties":{},"required":[],"additionalProperties":false}"#

    private(set) var tools: [ToolDescription] = []
    private var fault: LibraryFault?

    /// Asks the plugin. Throws for a list that can't be used: one with too much in it, or a tool whose name or schema
    /// is none. [any]
    init(_ table: ToolTable, of plugin: UnsafeMutableRawPointer?) throws(LibraryFault) {
        let code = unsafe withUnsafeMutablePointer(to: &self) { context in
            unsafe table.list(plugin, takeTool, UnsafeMutableRawPointer(context))
        }
        if let fault { throw fault }
        guard code >= 0 else { throw Self.refusal("list of pbay_tools answered \(code)") }
    }

    init() {}

    fileprivate mutating func take(_ info: UnsafePointer<pbay_tool_info>?) {
        guard fault == nil else { return }
        do throws(LibraryFault) {
            guard let info = unsafe info else { throw Self.refusal("it names a tool by a null pointer") }
            guard tools.count < Self.maxTools else { throw Self.refusal("it names more than \(Self.maxTools) tools") }
            tools.append(unsafe try read(pbay_tool_info(plugin: info)))
        } catch {
            fault = error
        }
    }

    private func read(_ info: pbay_tool_info) throws(LibraryFault) -> ToolDescription {
        guard let name = unsafe info.name.string(limit: Self.maxName), Self.isName(name) else {
            throw Self.refusal(
                "the name of its tool number \(tools.count + 1) is none: 1 to 64 of A-Z, a-z, 0-9, _ and - are expected"
            )
        }
        guard !tools.contains(where: { $0.name == name }) else {
            throw Self.refusal("it names the tool '\(name)' twice")
        }
        guard let description = unsafe info.description.string(limit: Self.maxDescription) else {
            throw Self.refusal("the description of its tool '\(name)' is no UTF-8 or over 64 KiB")
        }
        guard let parameters = unsafe info.parameters.bytes(limit: Self.maxParameters) else {
            throw Self.refusal("the parameters of its tool '\(name)' are over 1 MiB")
        }
        guard !parameters.isEmpty else {
            return ToolDescription(name: name, description: description, parameters: Array(Self.none.utf8))
        }
        guard let schema = (try? JSONDocument.parse(parameters))?.root else {
            throw Self.refusal("the parameters of its tool '\(name)' are no JSON")
        }
        if let problem = SchemaForm.problem(inParameters: schema) {
            throw Self.refusal("'parameters\(problem.path)' of its tool '\(name)' \(problem.message)")
        }
        return ToolDescription(name: name, description: description, parameters: Array(schema.raw))
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    private static func refusal(_ what: String) -> LibraryFault { PluginInstance.malformed(what) }
}

private func takeTool(_ context: UnsafeMutableRawPointer?, _ info: UnsafePointer<pbay_tool_info>?) {
    guard let context = unsafe context else { return }
    unsafe context.assumingMemoryBound(to: ToolList.self).pointee.take(info)
}
