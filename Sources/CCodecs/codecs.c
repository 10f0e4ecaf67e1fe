#include "CCodecs.h"

#include <brotli/decode.h>
#include <lz4.h>
#include <lz4frame.h>
#include <snappy-c.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

// A frame of zstd may ask for so large a window, and no more: what the reference's command takes, too.
enum { WINDOW_LOG = 27 };

int codec_can_expand(int codec, const uint8_t *input, size_t count, size_t size) {
    switch (codec) {
    case CODEC_SNAPPY: {
        size_t length = 0;
        return snappy_uncompressed_length((const char *)input, count, &length) == SNAPPY_OK && length == size;
    }
    case CODEC_GZIP: {
        if (count < 6) return 0;
        // gzip ends with the size; zlib's own form does not tell it. Either makes no more than 1032 of a byte.
        uint32_t declared = 0;
        if (input[0] == 0x1F && input[1] == 0x8B) {
            memcpy(&declared, input + count - 4, 4);
            if (declared != (uint32_t)size) return 0;
        }
        return size / 1033 <= count;
    }
    case CODEC_ZSTD: {
        unsigned long long declared = ZSTD_getFrameContentSize(input, count);
        if (declared == ZSTD_CONTENTSIZE_ERROR) return 0;
        // A block of 128 KiB takes three bytes and more.
        return (declared == ZSTD_CONTENTSIZE_UNKNOWN || declared <= size) && size / (1 << 17) <= count;
    }
    case CODEC_LZ4_RAW:
    case CODEC_LZ4_FRAME: return size / 256 <= count;
    case CODEC_BROTLI: return size / (1 << 24) <= count;
    default: return 0;
    }
}

static ptrdiff_t inflate_all(const uint8_t *input, size_t count, uint8_t *output, size_t capacity) {
    z_stream stream = {0};
    // 15 bits of window; 32: the header tells which of the two it is.
    if (count > UINT32_MAX || capacity > UINT32_MAX || inflateInit2(&stream, 15 + 32) != Z_OK) return -1;
    stream.next_in = (Bytef *)input;
    stream.avail_in = (uInt)count;
    stream.next_out = output;
    stream.avail_out = (uInt)capacity;
    int status = inflate(&stream, Z_FINISH);
    ptrdiff_t written = (ptrdiff_t)stream.total_out;
    inflateEnd(&stream);
    return status == Z_STREAM_END ? written : -1;
}

static ptrdiff_t lz4_frame(const uint8_t *input, size_t count, uint8_t *output, size_t capacity) {
    LZ4F_dctx *context = NULL;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION))) return -1;
    size_t written = 0, taken = 0, hint = 1;
    while (hint != 0) {
        size_t out = capacity - written, in = count - taken;
        hint = LZ4F_decompress(context, output + written, &out, input + taken, &in, NULL);
        if (LZ4F_isError(hint) || (in == 0 && out == 0)) break;
        written += out;
        taken += in;
    }
    LZ4F_freeDecompressionContext(context);
    return hint == 0 ? (ptrdiff_t)written : -1;
}

ptrdiff_t codec_decompress(int codec, const uint8_t *input, size_t count, uint8_t *output, size_t capacity) {
    switch (codec) {
    case CODEC_SNAPPY: {
        size_t written = capacity;
        int status = snappy_uncompress((const char *)input, count, (char *)output, &written);
        return status == SNAPPY_OK ? (ptrdiff_t)written : -1;
    }
    case CODEC_GZIP: return inflate_all(input, count, output, capacity);
    case CODEC_BROTLI: {
        size_t written = capacity;
        return BrotliDecoderDecompress(count, input, &written, output) == BROTLI_DECODER_RESULT_SUCCESS ? (ptrdiff_t)written : -1;
    }
    case CODEC_ZSTD: {
        size_t written = ZSTD_decompress(output, capacity, input, count);
        return ZSTD_isError(written) ? -1 : (ptrdiff_t)written;
    }
    case CODEC_LZ4_RAW: {
        if (count > INT32_MAX || capacity > INT32_MAX) return -1;
        int written = LZ4_decompress_safe((const char *)input, (char *)output, (int)count, (int)capacity);
        return written < 0 ? -1 : written;
    }
    case CODEC_LZ4_FRAME: return lz4_frame(input, count, output, capacity);
    default: return -1;
    }
}

size_t codec_bound(int codec, size_t count) {
    switch (codec) {
    case CODEC_SNAPPY: return snappy_max_compressed_length(count);
    case CODEC_ZSTD: return ZSTD_compressBound(count);
    // zlib's own bound, for the longer header.
    default: return count + (count >> 10) + 64;
    }
}

ptrdiff_t codec_compress(int codec, const uint8_t *input, size_t count, uint8_t *output, size_t capacity) {
    switch (codec) {
    case CODEC_SNAPPY: {
        size_t written = capacity;
        return snappy_compress((const char *)input, count, (char *)output, &written) == SNAPPY_OK ? (ptrdiff_t)written : -1;
    }
    case CODEC_ZSTD: {
        size_t written = ZSTD_compress(output, capacity, input, count, 3);
        return ZSTD_isError(written) ? -1 : (ptrdiff_t)written;
    }
    case CODEC_GZIP: {
        z_stream stream = {0};
        if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return -1;
        size_t taken = 0, written = 0;
        int status = Z_OK;
        while (status == Z_OK) {
            // zlib counts in 32 bits.
            uInt in = count - taken > (1u << 30) ? 1u << 30 : (uInt)(count - taken);
            uInt out = capacity - written > (1u << 30) ? 1u << 30 : (uInt)(capacity - written);
            stream.next_in = (Bytef *)input + taken;
            stream.avail_in = in;
            stream.next_out = output + written;
            stream.avail_out = out;
            status = deflate(&stream, taken + in == count ? Z_FINISH : Z_NO_FLUSH);
            taken += in - stream.avail_in;
            written += out - stream.avail_out;
        }
        deflateEnd(&stream);
        return status == Z_STREAM_END ? (ptrdiff_t)written : -1;
    }
    default: return -1;
    }
}

struct codec_stream {
    int codec;
    int is_complete;
    z_stream zlib;
    ZSTD_DStream *zstd;
};

codec_stream *codec_stream_open(int codec) {
    codec_stream *stream = calloc(1, sizeof(codec_stream));
    if (!stream) return NULL;
    stream->codec = codec;
    stream->is_complete = 0;
    int is_open = 0;
    if (codec == CODEC_GZIP) {
        is_open = inflateInit2(&stream->zlib, 15 + 16) == Z_OK;
    } else if (codec == CODEC_ZSTD) {
        stream->zstd = ZSTD_createDStream();
        is_open = stream->zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(stream->zstd, ZSTD_d_windowLogMax, WINDOW_LOG));
    }
    if (!is_open) {
        codec_stream_close(stream);
        return NULL;
    }
    return stream;
}

void codec_stream_close(codec_stream *stream) {
    if (!stream) return;
    if (stream->codec == CODEC_GZIP) inflateEnd(&stream->zlib);
    if (stream->zstd) ZSTD_freeDStream(stream->zstd);
    free(stream);
}

ptrdiff_t codec_stream_read(codec_stream *stream, const uint8_t *input, size_t count, size_t *position, uint8_t *output, size_t capacity) {
    if (capacity > (1u << 30)) capacity = 1u << 30;
    size_t written = 0;
    while (written < capacity) {
        if (stream->codec == CODEC_GZIP) {
            if (stream->is_complete) {
                if (*position == count) break;
                if (inflateReset(&stream->zlib) != Z_OK) return -1;
            }
            uInt in = count - *position > (1u << 30) ? 1u << 30 : (uInt)(count - *position);
            stream->zlib.next_in = (Bytef *)input + *position;
            stream->zlib.avail_in = in;
            stream->zlib.next_out = output + written;
            stream->zlib.avail_out = (uInt)(capacity - written);
            int status = inflate(&stream->zlib, Z_NO_FLUSH);
            size_t taken = in - stream->zlib.avail_in, made = capacity - written - stream->zlib.avail_out;
            *position += taken;
            written += made;
            stream->is_complete = status == Z_STREAM_END;
            if (status == Z_BUF_ERROR || (status == Z_OK && taken == 0 && made == 0)) break;
            if (status != Z_OK && status != Z_STREAM_END) return -1;
        } else {
            ZSTD_inBuffer in = {input, count, *position};
            ZSTD_outBuffer out = {output, capacity, written};
            size_t status = ZSTD_decompressStream(stream->zstd, &out, &in);
            if (ZSTD_isError(status)) return -1;
            int is_stuck = in.pos == *position && out.pos == written;
            *position = in.pos;
            written = out.pos;
            if (!is_stuck) stream->is_complete = status == 0;
            if (is_stuck) break;
        }
    }
    return (ptrdiff_t)written;
}

int codec_stream_is_complete(const codec_stream *stream) { return stream->is_complete; }

uint32_t codec_crc32(const uint8_t *input, size_t count) {
    uLong sum = crc32(0, NULL, 0);
    for (size_t i = 0; i < count; i += 1u << 30) sum = crc32(sum, input + i, count - i > 1u << 30 ? 1u << 30 : (uInt)(count - i));
    return (uint32_t)sum;
}

void sqlite_distrust(sqlite3 *database) {
    sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
}

int sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int count) {
    return sqlite3_bind_text(statement, index, text, count, SQLITE_TRANSIENT);
}
