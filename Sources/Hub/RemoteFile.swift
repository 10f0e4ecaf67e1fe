import JSON

/// A file of a repository, as the hub lists it.
public struct RemoteFile: Sendable, Equatable {
    /// Its path in the repository.
    public let path: String
    /// Bytes of its content.
    public let size: Int
    /// The name of its content: the SHA-256 of a large file, Git's name of any other.
    public let etag: String
    /// Git's name of what is in the repository: of a large file, that of a pointer to it.
    let blobID: String
    var isLarge: Bool { etag.utf8.count == 64 }

    init(path: String, size: Int, etag: String, blobID: String) {
        (self.path, self.size, self.etag, self.blobID) = (path, size, etag, blobID)
    }

    /// An entry of the hub's listing; nil for a folder, and for what is none.
    init?(listed value: JSONValue) {
        guard case .object(let object) = value, case .string("file")? = object["type"], case .string(let path)? = object["path"],
            case .integer(let size)? = object["size"], size >= 0, case .string(let blobID)? = object["oid"]
        else { return nil }
        var etag = blobID
        if case .object(let large)? = object["lfs"], case .string(let oid)? = large["oid"] { etag = oid }
        self.init(path: path, size: size, etag: etag, blobID: blobID)
    }

    /// An entry of the cache's listing.
    init?(path: String, cached value: JSONValue) {
        guard case .object(let object) = value, case .integer(let size)? = object["size"], case .string(let blobID)? = object["blob_id"]
        else { return nil }
        var etag = blobID
        if case .string(let oid)? = object["lfs_sha256"] { etag = oid }
        self.init(path: path, size: size, etag: etag, blobID: blobID)
    }

    var cacheEntry: JSONValue {
        var object: JSONObject = ["size": .integer(size), "blob_id": .string(blobID)]
        if isLarge { (object["lfs_sha256"], object["lfs_size"]) = (.string(etag), .integer(size)) }
        return .object(object)
    }

    /// Whether a path stays within the folder that it is put into, and can be a name on disk.
    static func isSafe(path: String) -> Bool {
        !path.isEmpty && !path.utf8.contains(0) && !path.contains("\\") && path.utf8.count < 4096
            && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
                !["", ".", ".."].contains($0) && $0.utf8.count < 256
            }
    }

    /// Whether a content's name can be a name on disk.
    static func isSafe(etag: String) -> Bool {
        (1...200).contains(etag.utf8.count) && !etag.hasPrefix(".")
            && etag.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
