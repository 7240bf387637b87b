"""What the machine reports by itself, in words: what happened and what to do."""

TASKS: dict[str, tuple[str, str, str]] = {
    "store_copied": (
        "Dữ liệu chép từ máy khác",
        "Kho dữ liệu này được chép từ một máy khác của cùng quầy.",
        "Chỉ dùng một máy cho mỗi quầy; báo người phụ trách để ngừng máy kia.",
    ),
    "store_copied_here": (
        "Hai bản dữ liệu trên máy này",
        "Kho dữ liệu này được chép từ một thư mục khác của cùng máy.",
        "Chỉ dùng một bản; báo người phụ trách để cất bản kia.",
    ),
    "store_restored": (
        "Đã phục hồi từ bản sao lưu",
        "Những việc làm sau bản sao lưu không còn trên máy này; phần đã gửi sẽ được nhận lại từ máy chủ.",
        "Đối chiếu giấy hẹn đã in sau lúc sao lưu với danh sách ở F3.",
    ),
    "log_forked": (
        "Nhật ký có hai bản khác nhau",
        "Máy chủ đang giữ những việc của quầy này mà máy này không có.",
        "Có thể một bản sao của quầy đã chạy ở nơi khác. Báo người phụ trách; hồ sơ trên máy này vẫn giữ nguyên.",
    ),
    "gateway_restored": (
        "Máy chủ đã được phục hồi",
        "Máy chủ lùi về một bản cũ; máy này đang gửi lại những gì nó thiếu.",
        "Không cần làm gì, chỉ cần để máy có mạng.",
    ),
    "heard_differs": (
        "Nhật ký của quầy khác đã đổi",
        "Máy chủ được phục hồi và nay giữ việc khác với việc máy này đã nhận từ một quầy khác.",
        "Bản cũ vẫn được cất trên máy này. Báo người phụ trách để đối chiếu với quầy ấy.",
    ),
    "numbers_low": (
        "Số hồ sơ sắp hết",
        "Dãy số của quầy hôm nay gần hết.",
        "Khi có mạng máy sẽ tự xin thêm; nếu mất mạng lâu, báo người phụ trách.",
    ),
    "unknown": (
        "Có điều cần xem",
        "Máy này báo một việc mà phiên bản đang dùng chưa có lời giải thích.",
        "Báo người phụ trách máy.",
    ),
}
"""Kind of a task that the machine reports -> title, what happened, what to do."""
