"""The words of every failure: Problem code -> (Vietnamese sentence, advice, English). ``desktop.messages`` fills them in.

``{name}`` is filled from the details of the problem, ``{code}`` is its code.
"""

Words = tuple[str, str, str]

_KEPT = "Mọi thứ đã giữ trên máy này."
_SUPPORT = "Gọi người phụ trách máy và đọc mã {code}."

WORDS: dict[str, Words] = {
    "address_confirmation_asked": (
        "Không được yêu cầu xác nhận địa chỉ cũ và mới là một (Công điện 111/CĐ-TTg).",
        "Bỏ mục {item} khỏi phiếu.",
        "No address-confirmation paper may be asked for."),
    "approval_missing": (
        "Chưa ghi người đứng đầu Trung tâm đã đồng ý huỷ mã.", "Ghi họ tên người đồng ý.", "The head's approval is needed."),
    "authority_missing": (
        "Người này không phải chủ hồ sơ, người nộp hay người được ủy quyền.",
        "Ghi giấy tờ cho phép nhận thay, hoặc trả cho đúng người.",
        "The taker is neither owner, submitter nor authorised."),
    "basis_missing": (
        "Chưa ghi căn cứ.", "Ghi tên và số của văn bản hoặc giấy tờ làm căn cứ.", "The legal basis is needed."),
    "cancelled": (
        "Đã thôi theo yêu cầu.", "Muốn làm lại thì bấm lại.", "Cancelled."),
    "code_differs": (
        "Mã gõ lại không khớp mã của hồ sơ này.", "Xem lại có đúng hồ sơ cần xoá không, rồi gõ lại mã.",
        "The code typed again is another one."),
    "communes_damaged": (
        "Tệp danh sách xã của máy chủ không đọc được.", "Sửa lại tệp.", "The communes file is damaged."),
    "details_malformed": (
        "Chi tiết của việc này chưa đúng dạng.", "Xem lại mục {field}.", "The details of the act are malformed."),
    "difference_unexplained": (
        "Tiền đếm được khác số phải có.", "Phải có {words}: đếm lại, hoặc ghi lý do chênh lệch.",
        "The counted cash differs from what is expected; say why."),
    "erase_not_ended": (
        "Hồ sơ này chưa kết thúc nên chưa xoá được.", "Rút, dừng hoặc trả kết quả hồ sơ trước, rồi xoá.",
        "Only a dossier that has come to its end can be erased."),
    "event_unknown": (
        "Không có việc này.", "Xem các việc và chi tiết của chúng ở sync/verbs.py.", "No such event."),
    "field_unknown": (
        "Mục {field} không sửa được.", "Chọn một mục của tờ khai hoặc của người nộp.", "This field cannot be corrected."),
    "file_kind_unknown": (
        "Chưa ghi được loại tệp của {file}.", "Đặt tên tệp kết thúc bằng .xlsx hoặc .pdf.",
        "Only .xlsx and .pdf are written."),
    "date_malformed": (
        "Ngày chưa đúng dạng.", "Gõ như 25/11/2026.", "A day must be dd/mm/yyyy."),
    "nothing_brought": (
        "Chưa đánh dấu giấy tờ nào đã mang đến.", "Đánh dấu những gì đã nhận; chưa có gì thì bấm Thôi.",
        "Nothing of what was asked for was brought."),
    "number_missing": (
        "Chưa ghi số định danh.", "Gõ 12 số, hoặc số giấy tờ khác của người này.", "The person's number is needed."),
    "person_unknown": (
        "Không có hồ sơ nào ghi số này.", "Xem lại số; nếu đúng, trả lời người dân là quầy không giữ dữ liệu nào.",
        "No dossier names this number."),
    "name_missing": (
        "Chưa ghi họ tên.", "Ghi đủ họ, chữ đệm và tên.", "The name is needed."),
    "nothing_changed": (
        "Chưa có gì khác với điều đang ghi.", "Gõ giá trị đúng rồi bấm lại.", "Nothing would change."),
    "nothing_to_settle": (
        "Việc này đã có người xử lý.", "Xem lại diễn biến của hồ sơ.", "There is nothing left to settle."),
    "period_reversed": (
        "Ngày cuối của kỳ ở trước ngày đầu.", "Chọn lại hai ngày.", "The period ends before it begins."),
    "place_missing": (
        "Chưa ghi nơi để hồ sơ.", "Ghi tủ, ngăn.", "The shelf place is needed."),
    "receiver_missing": (
        "Chưa ghi chuyển cho ai.", "Chọn bộ phận hoặc cơ quan nhận.", "The receiving section is needed."),
    "report_unknown": (
        "Không có báo cáo này.", "Chọn một loại báo cáo trong danh sách.", "No such report."),
    "signature_missing": (
        "Người nhận chưa ký trên giấy biên nhận.", "In giấy, lấy chữ ký rồi đánh dấu đã ký.", "The taker has not signed."),
    "tracking_missing": (
        "Chưa ghi số hiệu bưu gửi.", "Chép từ biên lai của bưu điện.", "The tracking number is needed."),
    "value_refused": (
        "Giá trị mới của mục {field} chưa đúng.", "Gõ lại.", "The new value would be refused at reception."),
    "amount_out_of_range": (
        "Số tiền này không đọc được thành chữ.", "Gõ lại số tiền.", "The amount is out of range."),
    "card_asked_again": (
        "Thẻ căn cước đã cho biết điều này, không được hỏi lại (Luật Căn cước Điều 20).", "Bỏ mục {item} khỏi phiếu.",
        "What the identity card says may not be asked again."),
    "channel_unknown": (
        "Thủ tục này không nhận nộp theo cách ấy.", "Chọn cách nộp khác.", "No such channel."),
    "date_off": (
        "Ngày hẹn rơi vào ngày nghỉ.", "Chọn một ngày làm việc.", "The new date is a day off."),
    "dossier_erased": (
        "Nội dung hồ sơ này đã xoá theo luật.", "Chỉ còn xem được diễn biến.", "The dossier was erased by law."),
    "fee_unsettled": (
        "Mức thu của hồ sơ này chưa được chốt.", "Ghi mức thu ở Cài đặt (F10) rồi thu.", "The fee is not settled yet."),
    "moment_out_of_range": (
        "Thời điểm này trước lúc tiếp nhận hoặc sau bây giờ.", "Xem lại ngày giờ.",
        "The moment lies outside the dossier's life."),
    "conditions_cycle": (
        "Tờ khai {file} có câu hỏi phụ thuộc vòng tròn.", "Báo người soạn tờ khai: {fields}.",
        "The conditions of an e-form go in a circle."),
    "date_not_later": (
        "Ngày hẹn mới phải sau ngày hẹn đang có.", "Chọn một ngày sau đó.", "The new date is not later."),
    "import_unreadable": (
        "Tệp này không phải bảng thủ tục đọc được.", "Chọn tệp CSV hoặc JSON lấy từ Cổng.",
        "The import file cannot be read."),
    "moment_malformed": (
        "Ngày giờ không đúng dạng.", "Gõ như 2026-11-23T09:16.", "A moment must be ISO 8601."),
    "not_now": (
        "Hồ sơ này lúc này không làm việc ấy được.", "Xem diễn biến của hồ sơ ở F3.",
        "The dossier's stage does not allow this act."),
    "nothing_asked": (
        "Phiếu chưa ghi cần bổ sung gì.", "Chọn ít nhất một giấy tờ.", "The supplement request names nothing."),
    "pack_refused": (
        "Gói dữ liệu còn lỗi.", "Sửa {findings} lỗi vừa nêu rồi kiểm tra lại.", "The pack has hard findings."),
    "pack_version_unknown": (
        "Tệp {file} viết cho phiên bản khác của ứng dụng.", "Cập nhật ứng dụng, hoặc xin tệp đúng phiên bản.",
        "The pack has another format version."),
    "paper_outside_case": (
        "Có giấy tờ không thuộc thành phần hồ sơ của trường hợp này.", "Ở mục {item}, ghi căn cứ pháp lý hoặc bỏ đi.",
        "A paper outside the case needs a legal basis."),
    "reason_missing": (
        "Chưa ghi lý do.", "Ghi một câu để người dân đọc hiểu.", "A reason is needed."),
    "reference_missing": (
        "Chưa ghi số tham chiếu của lần chuyển khoản.", "Chép từ sao kê ngân hàng.", "The transfer's reference is needed."),
    "rule_malformed": (
        "Mục vừa ghi chưa đúng dạng.", "Xem lại ngày, số tiền và tên mục.", "The local rule is malformed."),
    "source_missing": (
        "Chưa ghi căn cứ (số văn bản).", "Ghi số, ngày của văn bản quyết định điều này.", "A rule needs its source."),
    "vietqr_malformed": (
        "Chưa lập được mã VietQR: sai ở mục {field}.", "Xem lại tài khoản thu ở Cài đặt.", "The VietQR data are malformed."),
    "vneid_asked": (
        "Không được bắt buộc VNeID khi nộp tại quầy (Công điện 111/CĐ-TTg).", "Bỏ mục {item} khỏi phiếu.",
        "VNeID may not be required at the counter."),
    "unknown_problem": (
        "Có việc chưa làm được (mã {code}).", _KEPT + " " + _SUPPORT, "An unlisted problem: {code}."),
    "already_enrolled": (
        "Máy này đã được ghi danh rồi.", "Đăng nhập như thường ngày.", "This folder is already enrolled."),
    "already_open": (
        "Quầy này đang mở ở một cửa sổ khác trên máy.", "Chuyển sang cửa sổ ấy, hoặc đóng nó rồi mở lại.",
        "Another window or process holds this store."),
    "backup_damaged": (
        "Bản sao lưu này không đọc được.", "Chọn một bản sao lưu khác; dữ liệu hiện có không bị động tới.",
        "The back-up is damaged."),
    "card_unreadable": (
        "Không đọc được mã QR của thẻ.", "Quét lại; nếu bộ gõ tiếng Việt đang bật thì tắt rồi quét, hoặc gõ tay.",
        "The card's QR text could not be read."),
    "case_unknown": (
        "Thủ tục không có trường hợp này.", "Chọn lại trường hợp ở mục 1.", "No such case."),
    "chain_broken": (
        "Nhật ký nhận được bị đứt quãng.", "Dữ liệu trên máy vẫn nguyên. " + _SUPPORT, "A hash chain is broken."),
    "date_unsure": (
        "Ngày giờ của máy có thể sai, nên chưa cấp số hồ sơ.", "Xem ngày ở góc phải dưới; nếu đúng, bấm “Ngày này đúng”.",
        "The date must be confirmed before a number is taken."),
    "deadline": (
        "Hết thời gian dành cho lần gửi này.", _KEPT + " Máy sẽ tự gửi tiếp.", "The sync deadline passed."),
    "disk_full": (
        "Ổ đĩa đã đầy nên chưa giữ được điều vừa làm.", "Xoá bớt tệp trên máy rồi bấm lại; đừng đóng cửa sổ này.",
        "The disk is full; the last act was not kept."),
    "dossier_unknown": (
        "Không có hồ sơ này trên máy.", "Tìm lại theo mã hoặc họ tên.", "No such dossier here."),
    "file_unreadable": (
        "Không đọc được tệp {file}.", "Chọn lại tệp, hoặc xem quyền đọc.", "The file cannot be read."),
    "file_unwritable": (
        "Không ghi được tệp {file}.", "Xem quyền ghi của thư mục dữ liệu. " + _SUPPORT, "A file cannot be written."),
    "filed_malformed": (
        "Hồ sơ nộp trực tuyến gửi tới thiếu mã, thủ tục hoặc tên người nộp.", "Báo người phụ trách máy chủ xem tệp đã để riêng.",
        "A record filed online lacks its code, procedure or name."),
    "not_let_in": (
        "Máy chủ không nhận hồ sơ nộp trực tuyến từ nơi gửi này.", "Người phụ trách máy chủ xem lại mã truy cập đã cấp.",
        "Whoever sends records filed online has no right to."),
    "gateway_missing": (
        "Thư mục này không có máy chủ nào.", "Xem lại tên thư mục.", "No gateway lives in this folder."),
    "heard_differs": (
        "Máy chủ gửi một việc khác với việc máy này đã nhận.", "Dữ liệu trên máy vẫn nguyên. " + _SUPPORT,
        "A heard event differs from the one held at its place."),
    "line_too_large": (
        "Hồ sơ này dài quá mức gửi đi được.", "Rút ngắn phần ghi tự do rồi bấm lại.", "The dossier is too large to send."),
    "store_replaced": (
        "Kho dữ liệu vừa được thay trong lúc đang mở; điều vừa làm chưa được giữ.", "Đóng ứng dụng rồi mở lại.",
        "The store file was replaced while it was open."),
    "frame_malformed": (
        "Dữ liệu nhận được bị hỏng trên đường truyền.", "Máy sẽ tự lấy lại.", "A frame was malformed."),
    "base_differs": (
        "Máy chủ và máy này nhớ khác nhau về phần đã gửi.", _KEPT + " Máy sẽ tự gửi lại từ đầu để đối chiếu.",
        "The gateway holds another event at the base of a log; it is sent from its start."),
    "dictionary_unknown": (
        "Máy chủ và ứng dụng trên máy này khác phiên bản nên chưa đọc được của nhau.",
        _KEPT + " Cập nhật ứng dụng; nếu đã mới nhất, báo người phụ trách máy chủ.",
        "Packed with a dictionary that this version does not have: {dictionary}."),
    "gateway_busy": (
        "Máy chủ đang bận.", _KEPT + " Máy sẽ tự gửi lại.", "The gateway is busy."),
    "id_reused": (
        "Hồ sơ này đã tiếp nhận với nội dung khác.", "Mở hồ sơ ở F3 để xem; việc mới thì bắt đầu lại bằng F2.",
        "This id was received with other content."),
    "incomplete": (
        "Hồ sơ còn thiếu nên chưa tiếp nhận.", "Bổ sung những mục màu vàng.", "The dossier is incomplete."),
    "keystore_missing": (
        "Không lấy được chìa khoá của máy này.",
        "Dữ liệu có thể đã được chép từ máy khác. Dùng phiếu khôi phục (Quên mã?) hoặc gọi người phụ trách.",
        "The OS keystore does not hold this store's secret."),
    "line_malformed": (
        "Nội dung hồ sơ không đúng dạng ở mục {field}.", "Xem lại mục ấy.", "The dossier line is malformed."),
    "locked_until": (
        "Đã thử sai nhiều lần nên tạm khoá.", "Chờ {seconds} giây rồi nhập lại.", "Locked for {seconds} s."),
    "log_forked": (
        "Nhật ký của quầy này có hai bản khác nhau.", "Ngừng dùng bản sao kia. " + _SUPPORT,
        "The counter's log has forked."),
    "not_enrolled": (
        "Máy này chưa được ghi danh với xã.", "Nhập địa chỉ máy chủ và mã dùng một lần.", "Not enrolled yet."),
    "numbers_exhausted": (
        "Dãy số hồ sơ hôm nay đã hết.", "Nháp đã giữ. Khi có mạng máy sẽ xin thêm số; bấm Gửi ngay ở F5.",
        "The day's number lease is exhausted; the draft is kept."),
    "numbers_need_contact": (
        "Dữ liệu này chép từ máy khác nên phải liên lạc một lần rồi mới cấp số.", "Nháp đã giữ. Bấm Gửi ngay ở F5.",
        "A copied store needs one contact before numbers are taken."),
    "operator_unknown": (
        "Không có cán bộ này ở quầy.", "Chọn lại người đăng nhập.", "Unknown operator."),
    "pack_damaged": (
        "Tệp dữ liệu {file} của ứng dụng bị hỏng.", "Cài lại ứng dụng; hồ sơ không bị ảnh hưởng.",
        "A resource file is damaged."),
    "paper_failed": (
        "Không vẽ được giấy để in.", "Hồ sơ đã giữ nguyên. " + _SUPPORT, "The paper could not be drawn."),
    "paper_unknown": (
        "Không có loại giấy này.", "Chọn giấy khác.", "Unknown paper."),
    "scan_empty": (
        "Tệp {file} không có gì bên trong.", "Chụp hoặc quét lại rồi thêm lại.", "The file is empty."),
    "scan_too_large": (
        "Tệp {file} lớn quá mức nhận được.",
        "Quét lại với độ phân giải 200–300 dpi, hoặc chia thành nhiều tệp (nhiều nhất 25 MB, 500 trang mỗi tệp).",
        "The file is too large: 25 MB, 100 megapixels or 500 pages at most."),
    "scan_type_unknown": (
        "Tệp {file} không phải ảnh JPEG, PNG hay tệp PDF.", "Lưu lại thành một trong ba loại ấy rồi thêm lại.",
        "Only JPEG, PNG and PDF files are attached."),
    "refusals_damaged": (
        "Bảng từ nhận biết lý do từ chối bị sai.", "Sửa dòng {row} của bảng trong tệp cấu hình.",
        "A row of the refusals' patterns is malformed."),
    "scan_unknown": (
        "Máy chủ chưa có đủ tệp này, hoặc hồ sơ không có tệp ấy.", "Chờ quầy gửi xong tệp rồi tải lại.",
        "No such scan is attached, or its bytes are not all at the gateway."),
    "link_expired": (
        "Địa chỉ tải tệp đã hết hạn.", "Hỏi lại máy chủ để có địa chỉ mới.", "The download link has expired."),
    "link_wrong": (
        "Địa chỉ tải tệp không do máy chủ này cấp.", "Dùng đúng địa chỉ đã nhận.",
        "The download link is not signed by this gateway."),
    "scan_undecodable": (
        "Tệp {file} làm trình đọc dừng giữa chừng nên chưa thêm được.", "Quét lại hoặc lưu thành ảnh JPEG rồi thêm lại.",
        "The process that looks at files did not survive this one: {reason}."),
    "printer_missing": (
        "Máy này chưa có máy in nào.", "Hồ sơ đã tiếp nhận và giữ nguyên. Nối máy in rồi bấm In lại.",
        "No printer is installed."),
    "printer_failed": (
        "Máy in không nhận bản in.", "Hồ sơ đã giữ nguyên. Xem giấy, dây nối rồi bấm In lại.", "Printing failed."),
    "procedure_unknown": (
        "Không có thủ tục này ở quầy.", "Chọn lại ở mục 1.", "Unknown procedure."),
    "process_failed": (
        "Phần gửi – nhận không khởi động được.", _KEPT + " Cứ làm việc bình thường. " + _SUPPORT,
        "A background process could not be started."),
    "not_allowed": (
        "Vai trò của bạn ở quầy chưa gồm việc này.", "Việc này do {who} làm: nhờ họ, hoặc xin được giao thêm vai trò.",
        "This operator's roles do not allow {act}."),
    "operator_revoked": (
        "Người này không còn được vào làm việc ở quầy.", "Hỏi lãnh đạo Trung tâm hoặc người quản trị máy.",
        "The operator was taken out or revoked."),
    "counter_revoked": (
        "Máy chủ đã thu hồi quầy này nên không tiếp nhận thêm được.",
        "Hồ sơ trên máy vẫn còn và xem được. Báo người phụ trách; việc chưa gửi xem ở F5.",
        "The gateway has revoked this counter; nothing is deleted."),
    "offline_too_long": (
        "Quầy đã quá lâu chưa liên lạc với máy chủ nên chưa mở được.",
        "Quy định cho phép {days} ngày. Máy đang tự thử; khi có mạng, nhập lại mã.", "No contact for longer than policy allows."),
    "last_head": (
        "Đây là người cuối cùng được thêm người và giao vai trò.", "Giao vai trò lãnh đạo hoặc quản trị cho người khác trước.",
        "Somebody who may let others in must remain."),
    "own_removal": (
        "Không tự bỏ chính mình được.", "Nhờ một lãnh đạo hoặc quản trị khác.", "Nobody takes themselves out."),
    "role_missing": (
        "Chưa chọn vai trò nào.", "Đánh dấu ít nhất một vai trò.", "At least one role is needed."),
    "role_unknown": (
        "Không có vai trò này.", "Chọn một vai trò trong danh sách.", "No such role."),
    "secret_same": (
        "Mã mới giống mã cũ.", "Đặt mã khác.", "The new secret equals the old one."),
    "secret_temporary": (
        "Mã này là mã tạm.", "Đặt mã riêng của mình trước.", "A temporary secret must be changed first."),
    "slot_locked": (
        "Người này bị khoá ở máy này (nhập sai quá nhiều lần, hoặc máy mới).",
        "Lãnh đạo hoặc quản trị cấp mã tạm ở Cài đặt, hoặc dùng phiếu khôi phục.",
        "The slot is locked until somebody else or the paper opens it."),
    "recovery_code_malformed": (
        "Mã khôi phục chưa đúng: cần 27 ký tự như in trên phiếu.", "Tắt bộ gõ tiếng Việt rồi xem lại từng ký tự.",
        "The recovery code's length, symbols or check symbol are wrong."),
    "recovery_none": (
        "Quầy này chưa có phiếu khôi phục.", "Nhờ lãnh đạo hoặc quản trị cấp mã tạm.", "No recovery code was made."),
    "recovery_wrong": (
        "Mã khôi phục này không còn dùng được, hoặc của quầy khác.", "Xem lại phiếu mới nhất trong két.",
        "The recovery code opens nothing."),
    "secret_too_short": (
        "Mã PIN hoặc câu mật khẩu quá ngắn: cần ít nhất {need} ký tự.", "Đặt dài hơn.", "The secret is too short."),
    "state_damaged": (
        "Tệp trạng thái ngoài của quầy bị hỏng.", _SUPPORT, "The state file outside the store is damaged."),
    "store_busy": (
        "Kho dữ liệu đang bận nên chưa giữ được.", "Chờ vài giây rồi bấm lại.", "The store is busy."),
    "store_damaged": (
        "Kho dữ liệu có trang bị hỏng.", "Đừng tiếp nhận thêm. Phục hồi từ bản sao lưu. " + _SUPPORT,
        "The store is damaged."),
    "store_missing": (
        "Không tìm thấy kho dữ liệu.", "Xem lại thư mục dữ liệu. " + _SUPPORT, "The store is missing."),
    "store_not_encrypted": (
        "Kho dữ liệu không được mã hoá nên không mở.", _SUPPORT, "The store is not encrypted; refused."),
    "store_too_new": (
        "Kho dữ liệu thuộc phiên bản mới hơn.", "Cập nhật ứng dụng rồi mở lại.", "The store is of a newer version."),
    "time_limit_unknown": (
        "Chưa rõ thời hạn giải quyết của thủ tục này.", "Hỏi người phụ trách chuyên môn.", "Time limit unknown."),
    "vault_damaged": (
        "Tệp chìa khoá bị hỏng.", "Phục hồi từ bản sao lưu. " + _SUPPORT, "The vault file is damaged."),
    "address_malformed": (
        "Địa chỉ máy chủ chưa đúng dạng.", "Gõ lại, ví dụ https://may-chu.xa", "The gateway's address is malformed."),
    "certificate_incomplete": (
        "Chứng thư của máy chủ thiếu một nửa.", "Cần cả tệp chứng thư và tệp khoá.", "Certificate and key go together."),
    "certificate_wrong": (
        "Máy chủ không đưa ra được chứng thư đáng tin.",
        _KEPT + " Nếu đang dùng Wi-Fi công cộng thì đổi mạng; nếu không, báo người phụ trách.",
        "The certificate check failed: {reason}."),
    "clock_wrong": (
        "Ngày giờ của máy này có vẻ sai nên chưa nối an toàn được với máy chủ.",
        "Sửa ngày giờ ở góc phải dưới; nếu đã đúng thì báo người phụ trách rằng chứng thư của máy chủ có vấn đề.",
        "A certificate failed on its dates and the clock ({now}) may be {suspected}; no check is switched off."),
    "commune_unknown": (
        "Máy chủ không có xã này.", "Hỏi người phụ trách máy chủ.", "The gateway does not know this commune."),
    "counter_unknown": (
        "Máy chủ không biết quầy này.", _KEPT + " Gọi người phụ trách để ghi danh lại.",
        "The gateway does not know this counter."),
    "enrol_code_malformed": (
        "Mã dùng một lần chưa đúng dạng: cần 20 chữ và số.", "Xem lại từng ký tự.", "Malformed enrolment code."),
    "enrol_code_unknown": (
        "Máy chủ không có mã này.", "Xem lại từng ký tự, hoặc xin một mã mới.", "Unknown enrolment code."),
    "enrol_code_used": (
        "Mã này đã dùng rồi.", "Xin người phụ trách một mã mới.", "The enrolment code was used before."),
    "gateway_key_differs": (
        "Máy chủ trả lời không phải máy chủ mà mã này chỉ tới.", "Không ghi danh. Gọi người phụ trách.",
        "The gateway's key is not the one the code names."),
    "http_refused": (
        "Địa chỉ máy chủ không được mã hoá nên không dùng.", "Dùng địa chỉ bắt đầu bằng https://",
        "Plain HTTP is only for loopback."),
    "no_line": (
        "Chưa liên lạc được với máy chủ.", _KEPT + " Cứ làm việc bình thường.", "The gateway cannot be reached."),
    "not_the_gateway": (
        "Có máy trả lời nhưng không phải máy chủ của xã.",
        _KEPT + " Nếu đang dùng Wi-Fi công cộng, mở trình duyệt đăng nhập mạng rồi thử lại.",
        "Something answered, but not the gateway (a captive portal?)."),
    "pac_unreadable": (
        "Không đọc được tệp cấu hình proxy tự động (PAC).", _KEPT + " Xem lại địa chỉ của tệp PAC.",
        "The proxy auto-config file cannot be had or run: {reason}."),
    "port_taken": (
        "Cổng mạng của máy chủ đang bị chương trình khác dùng.", "Chọn cổng khác.", "The port is taken."),
    "portal_script_damaged": (
        "Kịch bản của cổng tập bị hỏng.", "Sửa lại tệp kịch bản.", "The portal script is damaged."),
    "proxy_auth_needed": (
        "Proxy của mạng này đòi tên và mật khẩu.", "Ghi cả tên và mật khẩu vào địa chỉ proxy; hỏi người phụ trách mạng.",
        "The proxy answered 407: it wants a user and a password."),
    "proxy_unreadable": (
        "Cấu hình proxy chưa dùng được.", "Ghi địa chỉ proxy dạng http://địa-chỉ:cổng, hoặc chọn không dùng proxy.",
        "The proxy setting cannot be used: {reason}."),
    "quantity_malformed": (
        "Số lượng không đúng dạng.",
        "Gõ lại bằng chữ số.",
        "A quantity must be a whole number.",
    ),
    "not_by_hand": (
        "Hồ sơ này tự đi tới hệ thống nhận, không phải nhập tay.", "Không cần chép. Xem đường đi ở hồ sơ (F3).",
        "The relay brings this dossier to its system; nobody types it there."),
    "number_too_long": (
        "Số hồ sơ dài quá 60 ký tự.", "Chỉ ghi số mà hệ thống kia cấp, không ghi gì thêm.",
        "The other system's number is longer than 60 characters."),
    "relay_config_damaged": (
        "Tệp cấu hình chuyển hồ sơ của máy chủ chưa đúng.", "Sửa mục này của tệp rồi chạy lại: {reason}.",
        "The relay's configuration is malformed: {reason}."),
    "relay_config_missing": (
        "Không có tệp cấu hình chuyển hồ sơ {file}.", "Xem lại tên tệp, hoặc chạy máy chủ không có mục này.",
        "There is no relay configuration."),
    "routing_damaged": (
        "Bảng đường đi của hồ sơ chưa đúng.", "Báo người phụ trách máy chủ sửa bảng này: {reason}.",
        "The table of routes is malformed: {reason}."),
    "system_busy": (
        "Hệ thống nhận hồ sơ đang bận.", _KEPT + " Máy chủ tự gửi lại sau.", "The receiving system asked to come later."),
    "system_denied": (
        "Hệ thống nhận không cho máy chủ này đăng nhập.", _KEPT + " Báo người phụ trách xem lại tài khoản kết nối.",
        "The receiving system refused the relay's credentials or rights."),
    "system_unreachable": (
        "Máy chủ chưa liên lạc được với hệ thống nhận hồ sơ.", _KEPT + " Máy chủ tự thử lại.",
        "The receiving system cannot be reached."),
    "system_unreadable": (
        "Hệ thống nhận trả lời điều mà phần mềm chưa hiểu.", _KEPT + " Báo người phụ trách đọc nhật ký của máy chủ.",
        "The receiving system answered something of no known meaning."),
    "secret_missing": (
        "Thiếu mã PIN hoặc câu mật khẩu.", "Đăng nhập lại.", "The secret was not given."),
    "signature_wrong": (
        "Máy chủ không nhận chữ ký của quầy này.", _KEPT + " " + _SUPPORT, "The counter's signature was not accepted."),
    "wrong_pin": (
        "Chưa đúng. Còn {left} lần thử.", "Nhập lại.", "Wrong PIN or passphrase; {left} tries left."),
}  # fmt: skip
