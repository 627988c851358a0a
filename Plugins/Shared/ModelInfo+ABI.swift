import CPatchbay

extension ModelInfo {
    /// Tells the host of these. One before minor 3 would take what has no name for a model of that name.
    static func emit(
        _ models: [ModelInfo], to emit: (UnsafeMutableRawPointer?, UnsafePointer<pbay_model_info>?) -> Void,
        _ context: UnsafeMutableRawPointer?, hostMinor: UInt32
    ) {
        for model in models where !model.name.isEmpty || hostMinor >= 3 {
            unsafe model.name.withText { name in
                var info = unsafe pbay_model_info()
                unsafe info.size = UInt32(MemoryLayout<pbay_model_info>.size)
                unsafe info.name = name
                unsafe (info.context_tokens, info.max_output_tokens) = (model.contextTokens, model.maxOutputTokens)
                unsafe (info.kinds, info.inputs) = (model.kinds, model.inputs)
                unsafe (info.features, info.features_known) = (model.features, model.known)
                unsafe info.dimensions = model.dimensions
                unsafe emit(context, &info)
            }
        }
    }
}
