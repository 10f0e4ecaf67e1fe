import Foundation
import Requirements
import Tapestry

extension HubClient {
    /// A client that shows what it fetches on standard error.
    static func showingProgress(_ settings: @autoclosure () throws -> HubSettings = try HubSettings.forModels()) throws -> HubClient {
        var client = try HubClient(settings())
        let shown = Locked<(file: String, bar: ProgressBar)?>(nil)
        client.onProgress = { file, completed, total in
            // Small files are there before anybody could read of them.
            guard total > 1 << 20 else { return }
            shown.withLock { shown in
                if shown?.file != file { shown = (file, ProgressBar(file, total: total, unit: "bytes")) }
                shown?.bar.update(completed: completed)
                if completed >= total {
                    shown?.bar.finish()
                    shown = nil
                }
            }
        }
        return client
    }
}
