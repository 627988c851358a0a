/// An item that a provider is making or has made, typed as far as the host builds it up itself.
package enum OutputItem: Sendable, Hashable {
    case message(Message)
    case functionCall(FunctionCall)
    case reasoning(Reasoning)
    /// An item that came whole and is carried as it is. It has an id.
    case opaque(Item)

    /// How far an item got.
    package enum Status: String, Sendable, Hashable {
        case inProgress = "in_progress"
        case completed
        case incomplete
    }

    package struct Message: Sendable, Hashable {
        package var id: String
        package var status: Status
        package var parts: [ContentPart]

        package init(id: String, status: Status = .inProgress, parts: [ContentPart] = []) {
            self.id = id
            self.status = status
            self.parts = parts
        }
    }

    package struct FunctionCall: Sendable, Hashable {
        package var id: String
        package var callID: String
        package var name: String
        /// JSON text, as the model wrote it.
        package var arguments: String
        package var status: Status
        /// The server makes the call itself: formats that know no such calls don't show it. Known while the answer is
        /// made; afterwards the output beside it says so.
        package var isServers: Bool

        package init(
            id: String, callID: String, name: String, arguments: String = "", status: Status = .inProgress,
            isServers: Bool = false
        ) {
            self.isServers = isServers
            self.id = id
            self.callID = callID
            self.name = name
            self.arguments = arguments
            self.status = status
        }
    }

    package struct Reasoning: Sendable, Hashable {
        package var id: String
        package var summary: [String]
        package var content: [String]
        /// What the provider wants back in the next turn, readable by itself alone.
        package var encryptedContent: String?
        package var status: Status

        package init(
            id: String, summary: [String] = [], content: [String] = [], encryptedContent: String? = nil,
            status: Status = .inProgress
        ) {
            self.id = id
            self.summary = summary
            self.content = content
            self.encryptedContent = encryptedContent
            self.status = status
        }
    }

    package var id: String {
        switch self {
        case .message(let message): message.id
        case .functionCall(let call): call.id
        case .reasoning(let reasoning): reasoning.id
        case .opaque(let item): item.id ?? ""
        }
    }
}

/// A part of an assistant's message or of a reasoning item.
package enum ContentPart: Sendable, Hashable {
    /// Text with its annotations and logprobs, each one JSON value.
    case text(String, annotations: [[UInt8]], logprobs: [[UInt8]])
    case refusal(String)
    /// Raw reasoning.
    case reasoning(String)
}
