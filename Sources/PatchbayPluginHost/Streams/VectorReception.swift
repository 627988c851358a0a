internal import PatchbayLifecycle
internal import PatchbayModel

/// Gives the end of a call for vectors to the port's receiver, with what was gathered. On the strand alone.
final class VectorReception: ProviderReceiver {
    private let intake: VectorIntake
    private let receiver: any VectorReceiver

    init(_ intake: VectorIntake, _ receiver: any VectorReceiver) {
        self.intake = intake
        self.receiver = receiver
    }

    /// Vectors don't come this way.
    func receive(_ event: ProviderEvent) -> Demand { .more }

    func end(_ end: ProviderEnd) {
        if case .failed(let error) = end.outcome {
            receiver.end(.failure(error), usage: end.usage)
        } else {
            receiver.end(.success(intake.taken()), usage: end.usage)
        }
    }
}
