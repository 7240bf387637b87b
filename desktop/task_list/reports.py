"""What the machine reports by itself, in words: what happened and what to do."""

from typing import Any

from forms.names import moment_vn
from forms.working_days import parse_moment

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
    "backup_failed": (
        "Chưa sao lưu được",
        "Máy không ghi được bản sao lưu tự động; dữ liệu đang dùng vẫn nguyên vẹn.",
        "Xem ổ đĩa còn chỗ không. Máy thử lại 10 phút một lần; khi được, lời báo này tự mất.",
    ),
    "backup_old": (
        "Đã hơn hai ngày chưa sao lưu được",
        "Việc làm từ lần sao lưu cuối chỉ còn trên ổ đĩa này và ở máy chủ (phần đã gửi).",
        "Báo người phụ trách máy trong hôm nay.",
    ),
    "backup_place_missing": (
        "Không tới được nơi lưu thứ hai",
        "USB hoặc thư mục chung đã chọn không có ở đó; bản lưu trên máy này vẫn được làm đều.",
        "Cắm lại USB, hoặc chọn nơi khác ở Cài đặt (F10), mục Sao lưu, kiểm tra.",
    ),
    "store_damaged_found": (
        "Kho dữ liệu có chỗ không đúng",
        "Lần kiểm tra toàn bộ vừa rồi thấy có chỗ khác với lúc ghi. Các bản sao lưu vẫn còn.",
        "Gọi người phụ trách máy. Có thể làm tiếp, nhưng đừng xoá bản sao lưu nào.",
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
    "disk_nearly_full": (
        "Ổ đĩa sắp đầy",
        "Ổ đĩa gần như không còn chỗ; máy vẫn giữ được thêm ít hồ sơ rồi sẽ không giữ được nữa.",
        "Xoá bớt tệp không cần trên máy, hoặc báo người phụ trách. Khi đủ chỗ, lời báo này tự mất.",
    ),
    "counter_revoked": (
        "Quầy này đã bị máy chủ thu hồi",
        "Máy chủ không nhận việc của quầy này nữa; không cấp thêm số. Mọi hồ sơ trên máy vẫn còn, xem và in được.",
        "Báo người phụ trách. Việc chưa gửi (nếu có) xem ở F5; không xoá gì trên máy này.",
    ),
    "numbers_low": (
        "Số hồ sơ sắp hết",
        "Dãy số của quầy hôm nay gần hết.",
        "Khi có mạng máy sẽ tự xin thêm; nếu mất mạng lâu, báo người phụ trách.",
    ),
    "clock_doubtful": (
        "Giờ máy chưa chắc đúng",
        "{clock} Cứ làm việc: mọi việc vẫn đúng thứ tự và được ghi là “giờ máy chưa chắc”.",
        "Đặt lại ngày giờ của máy và bật tự chỉnh giờ; nếu không được, báo người phụ trách. Khi đúng, lời báo này tự mất.",
    ),
    "person_data_asked": (
        "Người dân hỏi dữ liệu của mình",
        "Trả lời trước {due}. Căn cứ: Nghị định 356/2025/NĐ-CP, 2 ngày làm việc (điều, khoản cần xác nhận).",
        "Vào Cài đặt (F10), mục Nhật ký: gõ số của người ấy rồi bấm Xuất dữ liệu.",
    ),
    "incident_noted": (
        "Sự cố dữ liệu đã ghi nhận",
        "Báo cơ quan chức năng trước {due}: 72 giờ từ lúc biết (căn cứ cần xác nhận).",
        "Báo lãnh đạo Trung tâm ngay; xuất hồ sơ sự cố ở Cài đặt (F10), mục Nhật ký.",
    ),
    "unknown": (
        "Có điều cần xem",
        "Máy này báo một việc mà phiên bản đang dùng chưa có lời giải thích.",
        "Báo người phụ trách máy.",
    ),
}
"""Kind of a task that the machine reports -> title, what happened, what to do."""


def words_of(task: dict[str, Any]) -> tuple[str, str, str]:
    """Title, what happened, what to do; ``{due}`` and ``{clock}`` are filled from the details."""
    title, body, advice = TASKS.get(task["kind"], TASKS["unknown"])
    due = parse_moment(str(task["details"].get("due") or ""))
    return title, body.format(due=moment_vn(due) if due else "–", clock=clock_words(task["details"])), advice


_CLOCK = {
    "behind": "Đồng hồ máy này chậm hơn việc đã ghi gần nhất hoặc hơn ngày làm ra phần mềm.",
    "jumped": "Đồng hồ máy này vừa bị đổi đột ngột.",
    "long_alone": "Đã hơn 30 ngày máy này chưa liên lạc được máy chủ, nên không ai đối chiếu giờ.",
}


def clock_words(details: dict[str, Any]) -> str:
    """What is wrong with the clock (``sync.clock``), with how much where that is known."""
    offset = details.get("offset")
    if not isinstance(offset, int):
        return _CLOCK.get(str(details.get("doubt")), "Đồng hồ máy này có thể sai.")
    how = "nhanh" if offset > 0 else "chậm"
    return f"Đồng hồ máy này {how} khoảng {span_words(abs(offset))}."


def span_words(seconds: int) -> str:
    """About how long: ``2 giờ``, ``3 ngày``."""
    for unit, size in (("ngày", 86_400), ("giờ", 3_600)):
        if seconds >= 2 * size or (unit == "giờ" and seconds >= size):
            return f"{round(seconds / size)} {unit}"
    return f"{max(1, round(seconds / 60))} phút"
