internal import Logging

/// What a plugin's instance id stands for. It is there before the instance, which may log while it is made.
final class InstanceHandle: Sendable {
    let id: UInt64
    /// Its lines carry the plugin's name.
    let logger: Logger

    init(id: UInt64, logger: Logger) {
        self.id = id
        self.logger = logger
    }
}
