import CPatchbay
internal import Logging

/// The table of PBAY_HOST_LOG.
var logAPI: pbay_log_api {
    unsafe pbay_log_api(size: UInt32(MemoryLayout<pbay_log_api>.size), reserved: 0, write: writeLog)
}

private let maxMessageBytes = 4096

private func writeLog(_ id: pbay_instance_id, _ level: Int32, _ message: pbay_text) {
    guard let instance = HostRegistry.shared.instances[id], let buffer = unsafe message.buffer else { return }
    let logLevel: Logger.Level
    switch Int(level) {
    case PBAY_LOG_DEBUG: logLevel = .debug
    case PBAY_LOG_INFO: logLevel = .info
    case PBAY_LOG_WARNING: logLevel = .warning
    default: logLevel = .error
    }
    guard instance.logger.logLevel <= logLevel else { return }
    // Cut a few bytes later than allowed, repaired, and then on a character's border.
    let text = unsafe String(decoding: buffer.prefix(maxMessageBytes + 4), as: UTF8.self)
    instance.logger.log(level: logLevel, "\(text.prefix(bytes: maxMessageBytes))")
}
