import Glibc

/// Bits that nobody can guess, from the kernel.
enum RandomBits {
    typealias Words = (UInt64, UInt64, UInt64)

    /// 192 bits by one system call; `SystemRandomNumberGenerator` makes one for every 64.
    static func words() -> Words {
        var words: Words = (0, 0, 0)
        let size = MemoryLayout<Words>.size
        let code = unsafe withUnsafeMutableBytes(of: &words) { unsafe getentropy($0.baseAddress!, size) }
        guard code == 0 else {
            // An old kernel: the slow way.
            var generator = SystemRandomNumberGenerator()
            return (generator.next(), generator.next(), generator.next())
        }
        return words
    }
}
