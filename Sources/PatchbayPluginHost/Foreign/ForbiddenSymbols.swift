/// Functions that a configuration can't name, whatever library they come from: what starts processes, loads code, ends
/// or stops the server, jumps, changes memory's protection or frees what isn't its own, changes what the whole process
/// shares, or takes arguments that no signature describes.
enum ForbiddenSymbols {
    static let groups: [(reason: String, names: [String])] = [
        (
            "starts a process",
            [
                "execl", "execle", "execlp", "execv", "execve", "execveat", "execvp", "execvpe", "fexecve", "system",
                "popen", "pclose", "fork", "vfork", "clone", "clone3", "posix_spawn", "posix_spawnp", "daemon",
                "wordexp", "forkpty", "pidfd_spawn", "pidfd_spawnp",
            ]
        ),
        (
            "loads code",
            ["dlopen", "dlmopen", "dlsym", "dlvsym", "dlclose", "dlinfo", "dl_iterate_phdr"]
        ),
        (
            "ends or stops the server",
            [
                "exit", "Exit", "quick_exit", "abort", "kill", "killpg", "tkill", "tgkill", "raise", "gsignal",
                "sigqueue", "pthread_kill", "pthread_sigqueue", "pthread_exit", "pthread_cancel", "pause",
                "assert_fail",
                "reboot", "stack_chk_fail", "fortify_fail",
            ]
        ),
        (
            "changes signals or timers",
            [
                "signal", "sigaction", "sigprocmask", "pthread_sigmask", "sigsuspend", "sigvec", "sysv_signal",
                "bsd_signal", "ssignal", "sigset", "sigignore", "sigaltstack", "alarm", "ualarm", "setitimer",
                "timer_create", "atexit", "on_exit", "at_quick_exit", "cxa_atexit", "pthread_atfork",
            ]
        ),
        (
            "jumps out of its call",
            [
                "setjmp", "sigsetjmp", "longjmp", "siglongjmp", "longjmp_chk", "getcontext", "setcontext",
                "makecontext", "swapcontext",
            ]
        ),
        (
            "changes the memory of the process",
            [
                "mprotect", "pkey_mprotect", "mmap", "mmap64", "munmap", "mremap", "remap_file_pages", "madvise", "brk",
                "sbrk", "free", "cfree", "realloc", "reallocarray", "process_vm_readv", "process_vm_writev", "ptrace",
                "mlockall", "munlockall", "userfaultfd",
            ]
        ),
        (
            "changes what the whole process shares",
            [
                "setenv", "putenv", "unsetenv", "clearenv", "setlocale", "uselocale", "chdir", "fchdir", "chroot",
                "umask", "setuid", "seteuid", "setreuid", "setresuid", "setgid", "setegid", "setregid", "setresgid",
                "setgroups", "initgroups", "setrlimit", "setrlimit64", "prlimit", "prlimit64", "prctl", "arch_prctl",
                "unshare", "setns", "mount", "umount", "umount2", "pivot_root", "close", "closefrom", "close_range",
                "dup2", "dup3", "shutdown", "freopen", "freopen64", "fclose", "fcloseall", "pthread_create",
                "pthread_detach", "seccomp", "capset",
            ]
        ),
        (
            "takes arguments that no signature can describe",
            [
                "printf", "fprintf", "dprintf", "sprintf", "snprintf", "asprintf", "vprintf", "vfprintf", "vdprintf",
                "vsprintf", "vsnprintf", "vasprintf", "scanf", "fscanf", "sscanf", "vscanf", "vfscanf", "vsscanf",
                "syslog", "vsyslog", "err", "errx", "warn", "warnx", "error", "error_at_line", "ioctl", "fcntl",
                "fcntl64", "syscall", "gets",
            ]
        ),
    ]

    private static let reasons: [String: String] = Dictionary(
        groups.flatMap { group in group.names.map { ($0, group.reason) } }, uniquingKeysWith: { first, _ in first })

    /// Why `symbol` is refused; nil where it isn't. Names that the C library keeps for itself (`_exit`,
    /// `__libc_system`, `__sprintf_chk`) count as those that they stand for.
    static func reason(against symbol: String) -> String? {
        var name = symbol[...]
        while name.first == "_" { name = name.dropFirst() }
        for prefix in ["libc_", "isoc99_", "isoc23_", "GI_"] where name.hasPrefix(prefix) {
            name = name.dropFirst(prefix.count)
        }
        if let reason = reasons[String(name)] { return reason }
        return name.hasSuffix("_chk") ? reasons[String(name.dropLast(4))] : nil
    }

    static var all: [String] { groups.flatMap(\.names) }
}
