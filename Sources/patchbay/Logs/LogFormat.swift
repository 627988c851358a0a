import ArgumentParser
import Logging

/// How log lines look: for a person on a terminal, or a JSON object a line for a machine.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
    case auto, text, json

    /// Makes loggers of this format, from `level` on, from now on.
    func install(level: Logger.Level) {
        let asText = self == .text || (self == .auto && Machine.standardErrorIsTerminal)
        LoggingSystem.bootstrap { label -> any LogHandler in
            if asText { TextLogHandler(label: label, level: level) } else { JSONLogHandler(label: label, level: level) }
        }
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
