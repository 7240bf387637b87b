"""What was done, in Vietnamese words: every act of the event log and every row of the audit, for the screen that lists them and
the sheets that are handed out."""

ACTS: dict[str, str] = {
    "filed": "Nộp trực tuyến",
    "guided": "Hướng dẫn trước tiếp nhận",
    "declined": "Từ chối tiếp nhận",
    "received": "Tiếp nhận",
    "attached": "Thêm bản chụp",
    "transferred": "Chuyển xử lý",
    "arrived": "Đến cơ quan giải quyết",
    "supplement_requested": "Yêu cầu bổ sung",
    "supplement_received": "Nhận bổ sung",
    "payment_requested": "Yêu cầu nộp phí",
    "paid": "Thu phí",
    "reconciled": "Đối soát chuyển khoản",
    "refunded": "Hoàn trả phí",
    "suspended": "Tạm dừng do sự cố",
    "extended": "Gia hạn",
    "withdrawn": "Công dân rút hồ sơ",
    "stopped": "Dừng xử lý",
    "finished": "Có kết quả",
    "posted": "Gửi kết quả qua bưu chính",
    "post_failed": "Bưu gửi bị trả lại",
    "returned": "Trả kết quả",
    "shelved": "Ghi nơi để hồ sơ",
    "authorised": "Ghi người được ủy quyền",
    "corrected": "Sửa thông tin",
    "settled": "Xử lý việc ghi trùng",
    "annulled": "Huỷ mã",
    "accepted": "Hệ thống nhận chấp nhận",
    "refused": "Hệ thống nhận từ chối",
    "unexpressed": "Hệ thống nhận không ghi được",
    "entered_elsewhere": "Nhập tay sang hệ thống khác",
    "routes_set": "Nhận bảng đường đi của hồ sơ",
    "system_outage": "Hệ thống nhận hồ sơ ngừng nhận hoặc nhận lại",
    "number_issued": "Cổng quốc gia cấp mã",
    "erased": "Xoá dữ liệu theo luật",
    "rule_set": "Ghi quy định của quầy",
    "cash_closed": "Chốt ca",
    "operator_set": "Thêm, sửa người làm việc",
    "operator_removed": "Cho người làm việc thôi",
    "slot_reset": "Đặt lại mã mở máy cho người khác",
    "recovery_printed": "In giấy khôi phục",
    "epoch_started": "Mở nhật ký mới",
    "clock_corrected": "Đối chiếu lại giờ máy",
    "audit_anchored": "Neo nhật ký",
    "person_data_asked": "Nhận yêu cầu về dữ liệu cá nhân",
    "person_data_given": "Trả lời yêu cầu về dữ liệu cá nhân",
    "incident_noted": "Ghi nhận sự cố dữ liệu",
    "procedure_published": "Cổng công bố thủ tục",
    "procedure_withdrawn": "Cổng thôi công khai thủ tục",
}
"""Events: what was done."""

SEEN: dict[str, str] = {
    "viewed": "Xem hồ sơ",
    "searched": "Tìm kiếm",
    "printed": "In giấy",
    "report_made": "Lập báo cáo",
    "signed_in": "Đăng nhập",
    "signed_out": "Đóng chương trình",
    "locked": "Khoá máy",
    "sign_in_refused": "Nhập sai mã",
    "exported_person": "Xuất dữ liệu cá nhân",
    "exported_incident": "Xuất hồ sơ sự cố",
    "backup_made": "Sao lưu",
    "restored": "Phục hồi từ bản sao lưu",
    "audit_read": "Đọc nhật ký",
    "secret_changed": "Đổi mã của mình",
    "slot_reset": "Cấp mã tạm",
    "recovery_printed": "Tạo phiếu khôi phục",
    "recovered": "Vào bằng phiếu khôi phục",
    "number_told": "Báo mã chính thức cho người dân",
}
"""Rows of the audit: what was seen, printed, taken out."""

DOUBTS: dict[str, str] = {
    "behind": "đồng hồ chậm",
    "ahead": "đồng hồ nhanh",
    "jumped": "đồng hồ bị đổi đột ngột",
    "long_alone": "lâu không liên lạc máy chủ",
}
"""Why the clock was not sure."""


def did_words(name: str) -> str:
    """An act or a row by its name; the name itself where a newer version wrote it."""
    return ACTS.get(name) or SEEN.get(name) or name
