import CPatchbay
internal import PatchbayLifecycle
internal import PatchbayModel
import Synchronization

/// The vectors of a call, from whatever thread and in whatever order they come. Bounded by the inputs' number and the
/// length that a vector may have.
final class VectorIntake: Sendable {
    private let inputs: Int
    private let maxDimensions: Int
    private let state = Mutex(State())

    private struct State {
        /// Of every vector; 0 before the first.
        var dimensions = 0
        /// Room for all vectors, from the first on.
        var numbers: [Float] = []
        /// Which have come.
        var isGiven: [Bool] = []
        var missing = 0
    }

    init(inputs: Int, maxDimensions: Int) {
        self.inputs = inputs
        self.maxDimensions = min(maxDimensions, Int(PBAY_MAX_DIMENSIONS))
        state.withLock { $0.missing = inputs }
    }

    /// Takes a vector, or says what is wrong with it: then nothing was taken.
    func take(_ event: pbay_event) -> StreamFault? {
        guard let bytes = unsafe event.text.buffer else { return .malformed("a vector without a place") }
        let index = unsafe Int(event.index)
        guard index < inputs else { return .malformed("a vector of an input that there isn't") }
        let size = MemoryLayout<Float>.size
        guard bytes.count >= size, bytes.count % size == 0, bytes.count / size <= PBAY_MAX_DIMENSIONS else {
            return .malformed("a vector of \(bytes.count) bytes")
        }
        guard bytes.count / size <= maxDimensions else { return .tooManyNumbers }
        guard unsafe Self.isFinite(bytes) else { return .malformed("a vector with a number that isn't finite") }
        return state.withLock { state in
            let dimensions = bytes.count / size
            if state.dimensions == 0 {
                state.dimensions = dimensions
                state.numbers = [Float](repeating: 0, count: inputs * dimensions)
                state.isGiven = [Bool](repeating: false, count: inputs)
            }
            guard state.dimensions == dimensions else { return .malformed("vectors of several lengths") }
            guard !state.isGiven[index] else { return .malformed("a vector of an input that had one") }
            state.isGiven[index] = true
            state.missing -= 1
            unsafe state.numbers.withUnsafeMutableBytes { target in
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[index * bytes.count..<(index + 1) * bytes.count])
                    .copyMemory(from: UnsafeRawBufferPointer(bytes))
            }
            return nil
        }
    }

    /// What an end of the plugin's is: a good one is one after all vectors.
    func end(_ outcome: ProviderEnd.Outcome) -> ProviderEnd.Outcome {
        switch outcome {
        case .failed: return outcome
        case .length, .contentFilter: return .failed(Self.incomplete("by another reason than PBAY_FINISH_STOP"))
        case .stop:
            let missing = state.withLock(\.missing)
            return missing == 0 ? .stop : .failed(Self.incomplete("without \(missing) of \(inputs) vectors"))
        }
    }

    /// All of them; to be called once, after the good end.
    func taken() -> Vectors {
        state.withLock { state in
            defer { state.numbers = [] }
            return Vectors(dimensions: max(1, state.dimensions), numbers: state.numbers)
        }
    }

    private static func incomplete(_ what: String) -> GatewayError {
        GatewayError(
            .provider, "The provider didn't answer with a vector for each input.", detail: "the plugin ended \(what)")
    }

    /// Whether no number is an infinity or none at all: those have all bits of the exponent.
    private static func isFinite(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let raw = UnsafeRawBufferPointer(bytes)
        var found: UInt32 = 0
        // Without a branch: it goes over several at a time.
        for offset in stride(from: 0, to: raw.count, by: 4) {
            let bits = unsafe raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            found |= bits & 0x7F80_0000 == 0x7F80_0000 ? 1 : 0
        }
        return found == 0
    }
}
