/// Guesses what a file is by its name or address, for upstreams that want the type of what they are given.
enum MediaType {
    /// Nil where the ending is none of a kind that models read.
    static func guess(_ name: String) -> String? {
        let path = name.prefix { $0 != "?" && $0 != "#" }
        guard let dot = path.lastIndex(of: "."), path.distance(from: dot, to: path.endIndex) <= 6 else { return nil }
        return known[path[path.index(after: dot)...].lowercased()]
    }

    private static let known = [
        "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif",
        "heic": "image/heic", "heif": "image/heif", "pdf": "application/pdf", "txt": "text/plain",
        "md": "text/markdown",
        "html": "text/html", "css": "text/css", "csv": "text/csv", "xml": "text/xml", "json": "application/json",
        "mp3": "audio/mp3", "wav": "audio/wav", "flac": "audio/flac", "ogg": "audio/ogg", "aac": "audio/aac",
        "aiff": "audio/aiff", "mp4": "video/mp4", "mpeg": "video/mpeg", "mov": "video/mov", "webm": "video/webm",
    ]
}
