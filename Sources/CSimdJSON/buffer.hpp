// A growable array of plain values that reports a lack of memory instead of throwing.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <type_traits>

namespace csj {

template <typename T> class buffer {
    static_assert(std::is_trivially_copyable<T>::value, "moved by realloc");

public:
    buffer() = default;
    buffer(const buffer &) = delete;
    buffer &operator=(const buffer &) = delete;
    ~buffer() { std::free(data_); }

    T *data() noexcept { return data_; }
    size_t capacity() const noexcept { return capacity_; }

    /// Makes room for `count` values in all, at least doubling when it grows. What was there stays. False without memory.
    bool reserve(size_t count) noexcept {
        if (count <= capacity_) return true;
        size_t wanted = count < 2 * capacity_ ? 2 * capacity_ : count;
        if (wanted < 32) wanted = 32;
        void *moved = std::realloc(data_, wanted * sizeof(T));
        if (moved == nullptr) return false;
        data_ = static_cast<T *>(moved);
        capacity_ = wanted;
        return true;
    }

    void release() noexcept {
        std::free(data_);
        data_ = nullptr;
        capacity_ = 0;
    }

private:
    T *data_ = nullptr;
    size_t capacity_ = 0;
};

}  // namespace csj
