import CPatchbay

/// A mapped library whose entry point has been called: what its module says of itself, checked and copied.
@safe final class PluginImage: Sendable {
    typealias Create =
        @convention(c) (
            pbay_instance_id, pbay_text, UnsafeMutablePointer<UnsafePointer<pbay_instance>?>?,
            UnsafeMutablePointer<pbay_error>?
        ) -> Int32

    /// The file, as the operator knows it.
    let path: String
    let id: String
    let version: String
    let licence: String
    let summary: String
    /// What its instances offer, by its own word.
    let interfaces: [String]
    let abiMinor: Int
    let create: Create

    private static let maxText = 256
    private static let maxInterfaces = 64
    /// Up to and with `create`.
    private static let leastSize = unsafe MemoryLayout<pbay_module>.size

    /// Enters the library.
    init(entry: pbay_entry_v1, path: String) throws(LibraryFault) {
        var module: UnsafePointer<pbay_module>?
        let report = unsafe PluginReport.of { error in
            unsafe entry(HostTables.shared.host, &module, error)
        }
        if let report {
            throw LibraryFault(.entryFailed, "its entry point failed: \(report.summary)")
        }
        guard let module = unsafe module else { throw Self.malformed("its entry point handed out no module") }
        let size = unsafe Int(module.pointee.size)
        guard size >= Self.leastSize else {
            throw Self.malformed("pbay_module has the size \(size), at least \(Self.leastSize) is needed")
        }
        let table = unsafe pbay_module(plugin: module)
        let minor = unsafe table.abi_minor
        guard minor <= PBAY_ABI_MINOR else {
            throw LibraryFault(
                .newerMinor,
                "it needs version \(PBAY_ABI_MAJOR).\(minor) of the plugin ABI, this host has \(PBAY_ABI_MAJOR).\(PBAY_ABI_MINOR): use a newer host"
            )
        }
        self.path = path
        self.abiMinor = Int(minor)
        self.id = unsafe try Self.text(table.id, "id")
        self.version = unsafe try Self.text(table.version, "version")
        self.licence = unsafe table.licence == nil ? "" : try Self.text(table.licence, "licence")
        self.summary = unsafe table.description == nil ? "" : try Self.text(table.description, "description")
        guard !id.isEmpty else { throw Self.malformed("pbay_module.id is empty") }
        guard let create = unsafe table.create else { throw Self.malformed("pbay_module.create is null") }
        unsafe self.create = create

        var interfaces: [String] = []
        if let list = unsafe table.interfaces {
            while let text = unsafe list[interfaces.count] {
                guard interfaces.count < Self.maxInterfaces else {
                    throw Self.malformed("pbay_module.interfaces isn't ended by a null")
                }
                unsafe interfaces.append(try Self.text(text, "interfaces"))
            }
        }
        self.interfaces = interfaces
    }

    private static func text(_ text: UnsafePointer<CChar>?, _ field: String) throws(LibraryFault) -> String {
        guard unsafe text != nil else { throw malformed("pbay_module.\(field) is null") }
        guard let text = unsafe String(plugin: text, limit: maxText) else {
            throw malformed("pbay_module.\(field) isn't UTF-8 of at most \(maxText) bytes")
        }
        return text
    }

    private static func malformed(_ what: String) -> LibraryFault {
        LibraryFault(.malformed, "it breaks the rules of the plugin ABI: \(what)")
    }
}
