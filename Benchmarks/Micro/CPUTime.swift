import Glibc

/// The CPU time of this process, which other processes on the machine disturb less than the time of day.
enum CPUTime {
    /// Nanoseconds.
    static var now: Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
