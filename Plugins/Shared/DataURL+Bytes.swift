extension DataURL {
    /// The data; nil where it isn't base64.
    var bytes: [UInt8]? {
        var bytes: [UInt8] = []
        return Base64.decode(base64, to: &bytes) ? bytes : nil
    }
}
