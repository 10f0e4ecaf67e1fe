import Foundation

// A hub for other clients to talk to: serves until its input ends. The first argument, if any, is the port.
let server = try HubServer(port: CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 0, multipartSize: 1 << 18)
server.add(
    "owner/model",
    [
        "config.json": Array("{\"model_type\": \"bert\"}".utf8), "README.md": Array("# A model\n".utf8),
        "1_Pooling/config.json": Array("{}".utf8), "model.safetensors": (0..<100_000).map { UInt8(truncatingIfNeeded: $0 * ($0 >> 3)) },
    ])
server.add("owner/private", ["secret.txt": Array("secret".utf8)], isPrivate: true)
server.add("owner/gated", ["a.txt": Array("a".utf8)], isGated: true)
server.add("datasets/owner/data", ["train.csv": Array("a,b\nx,y\n".utf8)])
FileHandle.standardOutput.write(Data("\(server.endpoint) \(HubServer.token)\n".utf8))
while readLine() != nil {}
