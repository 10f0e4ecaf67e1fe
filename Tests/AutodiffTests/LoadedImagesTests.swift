#if canImport(Runtime) && os(Linux)
    @testable import Autodiff
    import Foundation
    import Runtime
    import Synchronization
    import Testing

    /// The images of the call stack are looked up while other threads map files into memory and let go of them.
    struct LoadedImagesTests {
        @Test func theProgramAndItsLibrariesAreThere() throws {
            let images = LoadedImages()
            let map = try #require(images.map)
            let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            #expect(images.images.contains { $0.path == program && !$0.buildID.isEmpty })
            #expect(images.images.contains { $0.path.contains("libc.so") } && images.images.allSatisfy { $0.base < $0.endOfText })
            #expect(map.count == images.images.count)
            // What runs here is found in it, by name and line.
            let backtrace = try Backtrace.capture(limit: 64, images: map)
            let frames = try #require(backtrace.symbolicated(with: map)).frames
            #expect(frames.contains { $0.symbol?.sourceLocation?.path.hasSuffix("LoadedImagesTests.swift") == true })
        }

        @Test func anAnomalySaysWhereItsOperationWasCalled() throws {
            let error = #expect(throws: Anomaly.self) { try Self.logarithmOfZero() }
            #expect(error?.caller?.contains("(LoadedImagesTests.swift:") == true, "\(error?.caller ?? "nothing")")
        }

        private static func logarithmOfZero() throws -> Tensor {
            try detectAnomalies { tape in tape.watch(Tensor([0, 1])).log() }
        }

        #if compiler(>=6.2)
            @Test func filesThatComeAndGoDoNoHarm() async {
                await #expect(processExitsWith: .success) {
                    let path = NSTemporaryDirectory() + "LoadedImagesTests-\(UUID().uuidString)"
                    try! Data(count: 1 << 16).write(to: URL(fileURLWithPath: path))
                    defer { unlink(path) }
                    for _ in 0..<2 {
                        Thread.detachNewThread {
                            let file = open(path, O_RDONLY)
                            while true { munmap(mmap(nil, 1 << 16, PROT_READ, MAP_PRIVATE, file, 0)!, 1 << 16) }
                        }
                    }
                    for _ in 0..<200 { if LoadedImages().map == nil { exit(1) } }
                }
            }
        #endif
    }
#endif
