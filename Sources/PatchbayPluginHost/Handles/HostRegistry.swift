import Synchronization

/// The one object of the process that is reached without a reference to it.
///
/// A plugin calls the host with a number and nothing else, through C functions that can carry no context, and an image
/// is mapped once a process, whatever number of hosts use it. So what those functions need is here, and only that: the
/// tables of handles, the images, and the thread that loads them. Several hosts in one process share it without
/// meeting.
final class HostRegistry: Sendable {
    static let shared = HostRegistry()

    let streams = ShardedHandles<StreamCall>(kind: .stream, capacity: 1 << 16)
    let exchanges = ShardedHandles<HTTPExchange>(kind: .exchange, capacity: 1 << 16)
    let timers = ShardedHandles<StreamTimer>(kind: .timer, capacity: 1 << 18)
    let operations = ShardedHandles<StoreOperation>(kind: .operation, capacity: 1 << 14)
    let hookCalls = ShardedHandles<HookCall>(kind: .visit, capacity: 1 << 16)
    let instances = ShardedHandles<InstanceHandle>(kind: .instance, capacity: 1 << 12)
    let images = ImageCatalogue()
    let loader = LoaderThread()

    private let shards = Atomic<Int>(0)

    private init() {}

    /// A shard for an event loop or a store.
    func nextShard() -> Int {
        shards.wrappingAdd(1, ordering: .relaxed).oldValue
    }
}
