import Glibc

/// Lets one thread wait for a ring by others, or for a time. Rings that come before the wait count as one.
@safe final class Doorbell: @unchecked Sendable {
    // They stay where they are until nobody has the doorbell.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// Under the mutex.
    private var hasRung = false

    init() {
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe condition.initialize(to: pthread_cond_t())
        unsafe pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    func ring() {
        unsafe pthread_mutex_lock(mutex)
        hasRung = true
        unsafe pthread_cond_signal(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Returns after a ring, or at the time `deadline` of CLOCK_MONOTONIC, nanoseconds; nil: after a ring alone.
    func wait(until deadline: UInt64?) {
        var time = timespec()
        if let deadline {
            time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        }
        unsafe pthread_mutex_lock(mutex)
        var code: Int32 = 0
        while code == 0, !hasRung {
            code =
                unsafe deadline == nil
                ? pthread_cond_wait(condition, mutex) : pthread_cond_timedwait(condition, mutex, &time)
        }
        hasRung = false
        unsafe pthread_mutex_unlock(mutex)
    }
}
