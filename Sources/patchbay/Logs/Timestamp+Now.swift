import PatchbayLifecycle
import PatchbayModel

extension Timestamp {
    static var now: Timestamp { Timestamp(milliseconds: SystemClock().milliseconds) }
}
