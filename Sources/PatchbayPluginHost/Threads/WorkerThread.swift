import Glibc
internal import NIOCore
import Synchronization

/// One of the `WorkerThreads`: a POSIX thread that waits for what it is handed.
@safe final class WorkerThread: @unchecked Sendable {
    private let name: String
    private let body: (WorkerThread) -> Void
    private let handed = Mutex<WorkerThreads.Job?>(nil)
    private let signal: UnsafeMutablePointer<sem_t>

    private init(name: String, body: @escaping (WorkerThread) -> Void) {
        self.name = name
        self.body = body
        unsafe signal = .allocate(capacity: 1)
        unsafe sem_init(signal, 0, 0)
    }

    deinit {
        unsafe sem_destroy(signal)
        unsafe signal.deallocate()
    }

    /// Starts a thread that runs `body`. False: the system has none to give.
    static func start(name: String, body: @escaping @Sendable (WorkerThread) -> Void) -> Bool {
        let worker = WorkerThread(name: name.prefix(bytes: 15), body: body)
        let context = unsafe Unmanaged.passRetained(worker)
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        guard unsafe pthread_create(&thread, &attributes, runWorker, context.toOpaque()) == 0 else {
            unsafe context.release()
            return false
        }
        return true
    }

    fileprivate func run() {
        setName()
        body(self)
    }

    /// Best effort: pthread_setname_np isn't among what Swift sees of the C library.
    private func setName() {
        let file = unsafe open("/proc/thread-self/comm", O_WRONLY)
        guard file >= 0 else { return }
        _ = unsafe name.utf8.withContiguousStorageIfAvailable { unsafe write(file, $0.baseAddress, $0.count) }
        close(file)
    }

    /// Gives the waiting thread a job; nil tells it to end. From any thread.
    func hand(_ job: WorkerThreads.Job?) {
        handed.withLock { $0 = job }
        unsafe sem_post(signal)
    }

    /// What it was handed.
    func taken() -> WorkerThreads.Job? {
        handed.withLock { job in
            defer { job = nil }
            return job
        }
    }

    /// Waits until it is handed something.
    func wait() {
        while unsafe sem_wait(signal) != 0 {}
    }

    /// The same, for a time by the wall clock, whose jumps only make an idle thread end sooner or later. False: nothing
    /// came.
    func wait(for limit: TimeAmount) -> Bool {
        var end = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &end)
        let nanoseconds = end.tv_nsec + Int(limit.nanoseconds % 1_000_000_000)
        end.tv_sec += Int(limit.nanoseconds / 1_000_000_000) + nanoseconds / 1_000_000_000
        end.tv_nsec = nanoseconds % 1_000_000_000
        while unsafe sem_timedwait(signal, &end) != 0 {
            if errno != EINTR { return false }
        }
        return true
    }
}

private func runWorker(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    let worker = unsafe Unmanaged<WorkerThread>.fromOpaque(context).takeRetainedValue()
    worker.run()
    return nil
}
