/// `background:`, responses that are made without their client.
package struct BackgroundConfiguration: Sendable {
    package enum OnRestart: Sendable {
        /// What was running when the server ended has failed.
        case fail
        /// It begins anew.
        case restart
    }

    /// How many run at once.
    package var maxRunning = 64
    /// How many more wait for their turn.
    package var maxQueued = 1000
    package var onRestart = OnRestart.fail

    package init() {}
}
