/// Compression by the system's libraries, the system's SQLite, and the search for bytes that end a field.
///
/// Nothing here trusts a size that a file declares: an output has the capacity that it is given, and what would pass it is an error.

#ifndef CCODECS_H
#define CCODECS_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

/// How bytes are compressed.
enum {
    CODEC_SNAPPY = 1,
    /// zlib's deflate, with gzip's or zlib's own header.
    CODEC_GZIP = 2,
    CODEC_BROTLI = 3,
    CODEC_ZSTD = 4,
    /// A block of LZ4 without a frame.
    CODEC_LZ4_RAW = 5,
    CODEC_LZ4_FRAME = 6,
};

/// Whether `count` compressed bytes can become `size`, as far as their codec tells without decompressing them.
int codec_can_expand(int codec, const uint8_t *input, size_t count, size_t size);

/// Decompresses everything. Returns the number of bytes written, or -1 where the input is damaged, cut or more than `capacity`.
ptrdiff_t codec_decompress(int codec, const uint8_t *input, size_t count, uint8_t *output, size_t capacity);

/// The most bytes that `count` bytes become.
size_t codec_bound(int codec, size_t count);

/// Compresses by snappy, gzip or zstd. Returns the number of bytes written, or -1.
ptrdiff_t codec_compress(int codec, const uint8_t *input, size_t count, uint8_t *output, size_t capacity);

/// Decompression piece by piece, of gzip (several members, too) or zstd (several frames).
typedef struct codec_stream codec_stream;
codec_stream *codec_stream_open(int codec);
void codec_stream_close(codec_stream *stream);

/// Takes input from `*position` on. Returns the number of bytes written, which is 0 at the input's end alone, or -1.
ptrdiff_t codec_stream_read(codec_stream *stream, const uint8_t *input, size_t count, size_t *position, uint8_t *output, size_t capacity);

/// Whether what was read so far ends with a whole member or frame.
int codec_stream_is_complete(const codec_stream *stream);

/// The first position from `start` on of the delimiter, a quotation mark, a carriage return, a line feed or NUL, or `count`.
size_t scan_field(const uint8_t *bytes, size_t start, size_t count, uint8_t delimiter);

/// The first position from `start` on of a quotation mark, a line feed or NUL, or `count`.
size_t scan_quoted(const uint8_t *bytes, size_t start, size_t count);

/// The first position from `start` on of a quotation mark, a backslash or a byte below 0x20, or `count`.
size_t scan_json_string(const uint8_t *bytes, size_t start, size_t count);

/// Whether bytes are UTF-8: no surrogates, no longer forms than needed.
int is_utf8(const uint8_t *bytes, size_t count);

/// Moves `number` texts that have their lengths before them, four bytes each, the least significant one first, to `output`, which has
/// room for `size - 4 * number` bytes. Adds to each of `ends` where its text ends there. Returns the number of bytes moved, or -1 where a
/// text goes beyond `size`.
ptrdiff_t take_prefixed(const uint8_t *input, size_t size, size_t number, uint8_t *output, ptrdiff_t *ends);

/// The check sum that gzip and Parquet have.
uint32_t codec_crc32(const uint8_t *input, size_t count);

/// Makes a connection distrust what its file says: no functions with effects from within a schema, no writing to shadow tables.
void sqlite_distrust(sqlite3 *database);

/// `sqlite3_bind_text` with a copy of the text.
int sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int count);

#endif
