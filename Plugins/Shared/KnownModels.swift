/// What makers of models say publicly of them, as far as it is sure. A model that isn't here may do the same.
enum KnownModels {
    /// Of another server's models, under whatever name, nothing is known but that they answer.
    static let anthropic = ModelInfo.table(
        """
        claude-opus-4-5 claude-opus-4-5-20251101 claude-sonnet-4-5 claude-sonnet-4-5-20250929 claude-haiku-4-5 \
        claude-haiku-4-5-20251001: 200000 64000 text image file +tools +reasoning +schemas
        claude-sonnet-4-0 claude-sonnet-4-20250514 claude-3-7-sonnet-latest claude-3-7-sonnet-20250219: \
        200000 64000 text image file +tools +reasoning
        claude-opus-4-1 claude-opus-4-1-20250805 claude-opus-4-0 claude-opus-4-20250514: \
        200000 32000 text image file +tools +reasoning
        *:
        """)

    static let gemini = ModelInfo.table(
        """
        gemini-2.5-pro gemini-2.5-flash: 1048576 65536 text image file audio +tools +reasoning +schemas
        gemini-2.5-flash-lite: 1048576 65536 text image file audio +tools +schemas
        gemini-2.0-flash gemini-2.0-flash-lite: 1048576 8192 text image file audio +tools -reasoning +schemas
        gemini-embedding-001: 2048 text =3072 +dimensions
        """)

    static let openAI = ModelInfo.table(
        """
        gpt-4o gpt-4o-mini: 128000 16384 text image file +tools -reasoning +schemas
        gpt-4.1 gpt-4.1-mini gpt-4.1-nano: 1047576 32768 text image file +tools -reasoning +schemas
        o3 o4-mini: 200000 100000 text image file +tools +reasoning +schemas
        gpt-5 gpt-5-mini gpt-5-nano: 400000 128000 text image file +tools +reasoning +schemas
        text-embedding-3-small: 8192 text =1536 +dimensions
        text-embedding-3-large: 8192 text =3072 +dimensions
        text-embedding-ada-002: 8192 text =1536 -dimensions
        """)
}
