/// What the command line adds to a configuration file.
package struct LoaderOptions: Sendable {
    /// `--host`, in place of `server.host`.
    package var host: String?
    /// `--port`, in place of `server.port`; from 0 to 65535.
    package var port: Int?
    /// `--insecure`: no keys on a host that is not loopback is accepted.
    package var isInsecure = false
    /// The folders that libraries are looked up in when the file has no `plugin_path`: beside the executable.
    package var defaultPluginPath: [String] = []
    /// Whether a library that can't be found is an error; without it `libraryPath` stays nil.
    package var findsLibraries = true
    /// Whether a path names a file that can be read.
    package var isReadableFile: @Sendable (_ path: String) -> Bool = { SystemAccess.isReadableFile($0) }

    package init() {}
}
