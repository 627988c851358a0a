internal import NIOCore
import Synchronization

/// Which shard of the handle tables an event loop uses.
final class LoopShards: Sendable {
    private let shards = Mutex<[ObjectIdentifier: Int]>([:])

    func shard(of loop: any EventLoop) -> Int {
        shards.withLock { shards in
            if let shard = shards[ObjectIdentifier(loop)] { return shard }
            let shard = HostRegistry.shared.nextShard()
            shards[ObjectIdentifier(loop)] = shard
            return shard
        }
    }
}
