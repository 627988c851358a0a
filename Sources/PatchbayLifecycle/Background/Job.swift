/// The record that stands in the store while a response of the background has not ended.
enum Job {
    /// Its id, made of the response's.
    static func id(of response: String) -> String {
        "job_" + response.drop { $0 != "_" }.dropFirst()
    }
}
