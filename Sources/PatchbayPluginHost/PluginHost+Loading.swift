internal import Logging
import Synchronization

extension PluginHost {
    /// Loads the plugins and makes their instances, and unless told otherwise starts them. Once in a host's life.
    ///
    /// - Throws: all that is wrong with all of them; then none is left running.
    package func load(_ descriptions: [PluginDescription], start: Bool = true) async throws(PluginErrors) {
        let path = LibraryPath(folders: settings.searchPath)
        let (logger, settings) = (logger, settings)
        let results = await HostRegistry.shared.loader.run {
            descriptions.map { Self.make($0, path: path, settings: settings, logger: logger) }
        }
        let made = results.compactMap { try? $0.get() }
        var errors = results.compactMap(\.failure)
        instances.withLock { $0 = made }
        if errors.isEmpty, start {
            errors = await HostRegistry.shared.loader.run { made.compactMap { Self.start($0) } }
        }
        guard errors.isEmpty else {
            await stop()
            throw PluginErrors(errors)
        }
        for info in plugins {
            logger.debug(
                "plugin loaded",
                metadata: ["plugin": "\(info.name)", "path": "\(info.path)", "module": "\(info.id) \(info.version)"])
        }
    }

    /// [init]
    private static func make(
        _ description: PluginDescription, path: LibraryPath, settings: PluginHostSettings, logger: Logger
    ) -> Result<PluginInstance, PluginError> {
        do throws(LibraryFault) {
            let image = try HostRegistry.shared.images.image(
                at: path.resolve(description.library), sha256: description.sha256)
            var logger = logger
            logger[metadataKey: "plugin"] = "\(description.name)"
            return .success(try PluginInstance.make(description, of: image, settings: settings, logger: logger))
        } catch {
            return .failure(PluginError(error, description.name, description.library))
        }
    }

    /// [init]
    private static func start(_ plugin: PluginInstance) -> PluginError? {
        do throws(LibraryFault) {
            try plugin.start()
            return nil
        } catch {
            return PluginError(error, plugin.name, plugin.library)
        }
    }
}

extension PluginError {
    init(_ fault: LibraryFault, _ plugin: String, _ library: String) {
        self.init(plugin: plugin, library: library, kind: fault.kind, message: fault.message, param: fault.param)
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}
